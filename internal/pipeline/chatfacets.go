package pipeline

import (
	"os"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"

	"sheaf/internal/hint"
	"sheaf/labeler/clio"
)

// facetName is what a facet may be called: a key of JSON and a word for a model.
var facetName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// mostFacets is how many facets a user may define; each takes room of the answer.
const mostFacets = 8

// readFacets reads the facets that a user has defined, in TOML:
//
//	[[facet]]
//	name = "code"
//	question = "Does the user want code to be written?"
//	values = ["yes", "no"]
//
// Without values the answer is a few words. No file is no facet.
func readFacets(file string) ([]clio.Facet, error) {
	if file == "" {
		return nil, nil
	}
	const how = `write tables [[facet]] with name = "code", question = "Does the user want code?" and, if you like, values = ["yes", "no"]`
	var v struct {
		Facet []struct {
			Name, Question string
			Values         []string
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, hint.Errorf("check the path and its permissions", "facets: %w", err)
	}
	md, err := toml.Decode(string(raw), &v)
	if err != nil {
		return nil, hint.Errorf(how, "%s: %w", file, err)
	}
	if keys := md.Undecoded(); len(keys) > 0 {
		return nil, hint.Errorf(how, "%s: unknown key %q", file, keys[0].String())
	}
	if n := len(v.Facet); n == 0 || n > mostFacets {
		return nil, hint.Errorf(how, "%s has %d facets; it may have 1 to %d", file, n, mostFacets)
	}
	var out []clio.Facet
	seen := map[string]bool{"request": true, "task": true, "language": true, "concern": true, "turns": true}
	for _, f := range v.Facet {
		switch {
		case !facetName.MatchString(f.Name):
			return nil, hint.Errorf("use up to 32 lower-case letters, digits and _", "%s: a facet cannot be called %q", file, f.Name)
		case seen[f.Name]:
			return nil, hint.Errorf("choose another name", "%s: there is a facet %q already", file, f.Name)
		case strings.TrimSpace(f.Question) == "" || len(f.Question) > 300:
			return nil, hint.Errorf("ask in up to 300 characters", "%s: facet %q has no question, or a long one", file, f.Name)
		}
		seen[f.Name] = true
		out = append(out, clio.Facet{Name: f.Name, Question: f.Question, Values: f.Values})
	}
	return out, nil
}
