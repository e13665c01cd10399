package ollama

import "github.com/ollama/ollama/types/model"

// ValidName says whether a name can be that of a model, "" for the default
// among them.
func ValidName(name string) bool {
	return name == "" || model.ParseName(withoutDigest(name)).IsValid()
}
