package ollama

import "testing"

func TestValidName(t *testing.T) {
	for name, want := range map[string]bool{
		"": true, "tinyllama": true, "llama3.2:1b": true, "library/tinyllama:latest": true,
		"bad name!": false, "a b c": false, "/": false,
	} {
		if got := ValidName(name); got != want {
			t.Errorf("ValidName(%q) = %v, want %v", name, got, want)
		}
	}
}
