package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// readNotes reads lists of labelled notes; see the command's comment.
func readNotes(path string) ([]collection, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lists := []collection{{name: filepath.Base(path)}}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "=="); ok {
			lists = append(lists, collection{name: strings.Trim(name, "= ")})
			continue
		}
		group, items, ok := strings.Cut(line, ":")
		if !ok || line[0] == '#' {
			continue
		}
		c := &lists[len(lists)-1]
		for item := range strings.SplitSeq(items, "|") {
			c.texts = append(c.texts, strings.TrimSpace(item))
			c.groups = append(c.groups, group)
		}
	}
	return slices.DeleteFunc(lists, func(c collection) bool { return len(c.texts) == 0 }), nil
}

func readData(dir string) ([]collection, error) {
	var out []collection
	for _, read := range []func(string) ([]collection, error){readBanking, readClinc, readSnips, readSGD} {
		c, err := read(dir)
		if err != nil {
			return nil, err
		}
		out = append(out, c...)
	}
	return out, nil
}

func readBanking(dir string) ([]collection, error) {
	f, err := os.Open(filepath.Join(dir, "banking77", "test.csv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	bank := collection{name: "banking77 test"}
	for _, r := range rows[1:] {
		bank.texts, bank.groups = append(bank.texts, r[0]), append(bank.groups, r[1])
	}
	return []collection{bank}, nil
}

func readClinc(dir string) ([]collection, error) {
	var splits map[string][][2]string
	if err := readJSON(filepath.Join(dir, "clinc150", "data_full.json"), &splits); err != nil {
		return nil, err
	}
	var domains map[string][]string
	if err := readJSON(filepath.Join(dir, "clinc150", "domains.json"), &domains); err != nil {
		return nil, err
	}
	domainOf := map[string]string{}
	for d, intents := range domains {
		for _, i := range intents {
			domainOf[i] = d
		}
	}
	intents, dom := collection{name: "clinc150 test, intents"}, collection{name: "clinc150 test, domains"}
	for _, r := range splits["test"] {
		intents.texts, intents.groups = append(intents.texts, r[0]), append(intents.groups, r[1])
		dom.texts, dom.groups = append(dom.texts, r[0]), append(dom.groups, domainOf[r[1]])
	}
	return []collection{intents, dom}, nil
}

func readSnips(dir string) ([]collection, error) {
	files, err := filepath.Glob(filepath.Join(dir, "snips", "validate_*.json"))
	if err != nil {
		return nil, err
	}
	c := collection{name: "snips, intents"}
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
				c.texts, c.groups = append(c.texts, strings.TrimSpace(b.String())), append(c.groups, intent)
			}
		}
	}
	return []collection{c}, nil
}

// readSGD reads the first request of each dialogue and the service it is for.
func readSGD(dir string) ([]collection, error) {
	files, err := filepath.Glob(filepath.Join(dir, "sgd", "*_dialogues_*.json"))
	if err != nil {
		return nil, err
	}
	c := collection{name: "sgd first requests, services"}
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
			c.texts, c.groups = append(c.texts, d.Turns[0].Utterance), append(c.groups, service)
		}
	}
	return []collection{c}, nil
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
