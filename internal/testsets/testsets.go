// Package testsets reads public labelled collections of short texts, which are
// not in the repository, for tests and measurements: banking77, clinc150, snips
// and sgd as their authors publish them.
package testsets

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Variable names the environment variable with the folder whose subfolder data
// holds the collections.
const Variable = "SHEAF_TESTDATA"

// Dir is the folder of the collections, or an error that says what is missing.
func Dir() (string, error) {
	root := os.Getenv(Variable)
	if root == "" {
		return "", fmt.Errorf("%s is not set: the folder with data/banking77 and others", Variable)
	}
	return filepath.Join(root, "data"), nil
}

// A Set is texts with the group that each belongs to.
type Set struct {
	Name          string
	Texts, Groups []string
}

func (s *Set) add(text, group string) {
	s.Texts, s.Groups = append(s.Texts, text), append(s.Groups, group)
}

// K is the number of groups.
func (s *Set) K() int {
	g := slices.Clone(s.Groups)
	slices.Sort(g)
	return len(slices.Compact(g))
}

// All reads banking77's test set, clinc150's by intents and by domains, snips
// and sgd, in this order.
func All(dir string) ([]Set, error) {
	bank, err := Banking(dir, "test")
	if err != nil {
		return nil, err
	}
	clinc, err := ReadClinc(dir)
	if err != nil {
		return nil, err
	}
	snips, err := Snips(dir)
	if err != nil {
		return nil, err
	}
	sgd, err := SGD(dir)
	if err != nil {
		return nil, err
	}
	intents := clinc.Split("test")
	intents.Name = "clinc150 test, intents"
	return []Set{*bank, *intents, *clinc.Domains("test"), *snips, *sgd}, nil
}

// Banking reads banking77's split "train" or "test".
func Banking(dir, split string) (*Set, error) {
	f, err := os.Open(filepath.Join(dir, "banking77", split+".csv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	bank := &Set{Name: "banking77 " + split}
	for _, r := range rows[1:] {
		bank.add(r[0], r[1])
	}
	return bank, nil
}

// Clinc is clinc150: its splits "train", "val" and "test" and their
// counterparts of requests that are out of scope, "oos_train" and so on.
type Clinc struct {
	splits map[string][][2]string
	domain map[string]string
}

// ReadClinc reads clinc150.
func ReadClinc(dir string) (*Clinc, error) {
	c := &Clinc{domain: make(map[string]string)}
	if err := readJSON(filepath.Join(dir, "clinc150", "data_full.json"), &c.splits); err != nil {
		return nil, err
	}
	var domains map[string][]string
	if err := readJSON(filepath.Join(dir, "clinc150", "domains.json"), &domains); err != nil {
		return nil, err
	}
	for d, intents := range domains {
		for _, i := range intents {
			c.domain[i] = d
		}
	}
	return c, nil
}

// Split is a split by intents.
func (c *Clinc) Split(name string) *Set {
	s := &Set{Name: "clinc150 " + name}
	for _, r := range c.splits[name] {
		s.add(r[0], r[1])
	}
	return s
}

// Domains is a split by domains.
func (c *Clinc) Domains(name string) *Set {
	s := &Set{Name: "clinc150 " + name + ", domains"}
	for _, r := range c.splits[name] {
		s.add(r[0], c.domain[r[1]])
	}
	return s
}

// Snips reads the validation set of snips by intents.
func Snips(dir string) (*Set, error) {
	files, err := filepath.Glob(filepath.Join(dir, "snips", "validate_*.json"))
	if err = cmp.Or(err, none(files, dir, "snips")); err != nil {
		return nil, err
	}
	s := &Set{Name: "snips, intents"}
	for _, f := range files {
		var intents map[string][]struct {
			Data []struct{ Text string }
		}
		if err := readJSON(f, &intents); err != nil {
			return nil, err
		}
		for intent, requests := range intents { // a file has one
			for _, r := range requests {
				var b strings.Builder
				for _, part := range r.Data {
					b.WriteString(part.Text)
				}
				s.add(strings.TrimSpace(b.String()), intent)
			}
		}
	}
	return s, nil
}

// SGD reads the first request of each dialogue of sgd and the service it is for.
func SGD(dir string) (*Set, error) {
	files, err := filepath.Glob(filepath.Join(dir, "sgd", "*_dialogues_*.json"))
	if err = cmp.Or(err, none(files, dir, "sgd")); err != nil {
		return nil, err
	}
	s := &Set{Name: "sgd first requests, services"}
	for _, f := range files {
		var dialogues []struct {
			Turns []struct {
				Utterance string
				Frames    []struct{ Service string }
			}
		}
		if err := readJSON(f, &dialogues); err != nil {
			return nil, err
		}
		for _, d := range dialogues {
			if len(d.Turns) == 0 || len(d.Turns[0].Frames) == 0 {
				continue
			}
			service, _, _ := strings.Cut(d.Turns[0].Frames[0].Service, "_")
			s.add(d.Turns[0].Utterance, service)
		}
	}
	return s, nil
}

func none(files []string, dir, name string) error {
	if len(files) > 0 {
		return nil
	}
	return fmt.Errorf("no files of %s in %s", name, dir)
}

func readJSON(path string, v any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
