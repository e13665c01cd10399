package chat

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"sheaf/labeler"
	"sheaf/labeler/prompts"
)

// A counting server has a tokenizer of its own, refuses what does not fit, and
// answers with the longest label that the schema allows, in the script of the
// texts, or breaks off.
type counting struct {
	tokens func(s string) int

	mu       sync.Mutex
	refused  []string // the first text of each prompt that did not fit
	broken   []string // of each answer that broke off
	longest  int      // tokens of prompt and answer
	requests int
}

func (c *counting) chat(t *testing.T) script {
	return func(req *Request, n int) (*Response, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.requests++
		const turns = 30 // tokens of the marks around the messages
		prompt := turns + c.tokens(req.System) + c.tokens(req.User)
		first := fenced(req, "notes")[0]
		c.longest = max(c.longest, prompt+req.MaxTokens)
		if prompt+req.MaxTokens > req.Context {
			c.refused = append(c.refused, first)
			return nil, ErrOverflow
		}
		var schema struct {
			Properties struct {
				Label struct{ MaxLength int }
			}
		}
		if err := json.Unmarshal(req.Schema, &schema); err != nil {
			t.Error(err)
		}
		// No word of it has a meaning, and no two answers are alike.
		letters := append([]rune(fmt.Sprint(n)), []rune(strings.Repeat(strings.ReplaceAll(first, " ", ""), 99))...)
		answer := labelJSON(string(letters[:schema.Properties.Label.MaxLength]))
		broken := c.tokens(answer) > req.MaxTokens
		if broken {
			c.broken = append(c.broken, first)
			answer = answer[:len(answer)/2]
		}
		return &Response{Content: answer, Length: broken, PromptTokens: prompt, Tokens: c.tokens(answer)}, nil
	}
}

// longClusters are more texts than any prompt can hold.
func longClusters() []labeler.Cluster {
	var cs []labeler.Cluster
	for i, text := range []string{
		"customers want their money back ", "动物园里的动物", "возврат денег за заказ ", "قط وكلب وطائر ", "ein sehr langes Wort: Donaudampfschifffahrt ",
		"さくらの花がさいた", "naïve façade café déjà vu ", "12 34 5678 ", "🐈🐕🐦 ",
	} {
		var c labeler.Cluster
		for n := range 30 {
			c.Members = append(c.Members, strings.Repeat(text, 1+(n*7+i)%24)+fmt.Sprint(n))
		}
		cs = append(cs, c)
	}
	return cs
}

// In a context of 2,048 tokens each prompt fits with its answer, and no answer
// breaks off, also with a tokenizer that is worse than the estimate, once the
// first cluster has shown that it is.
func TestPromptsAndAnswersFit(t *testing.T) {
	fits := theJudge(t)
	for name, c := range map[string]struct {
		tokens func(s string) int
		first  bool // what goes wrong with the first cluster does not matter
	}{
		"as estimated":            {prompts.Tokens, false},
		"a third of the estimate": {func(s string) int { return prompts.Tokens(s) / 3 }, false},
		"half as much again":      {func(s string) int { return prompts.Tokens(s) * 3 / 2 }, true},
		"twice as much":           {func(s string) int { return prompts.Tokens(s) * 2 }, true},
	} {
		for _, workers := range []int{1, 3} {
			count := &counting{tokens: c.tokens}
			clusters := longClusters()
			s := play(count.chat(t))
			label(t, connect(t, s, settings{Judge: fits, Workers: workers}), clusters)
			of := func(firsts []string) (n int) {
				for _, f := range firsts {
					if !c.first || !strings.HasPrefix(f, "customers") {
						n++
					}
				}
				return n
			}
			if refused, broken := of(count.refused), of(count.broken); refused+broken > 0 {
				t.Errorf("%s: of %d requests %d did not fit and %d answers broke off", name, count.requests, refused, broken)
			}
			if count.requests < 3*len(clusters) || count.longest < 600 {
				t.Errorf("%s: %d requests of at most %d tokens show nothing", name, count.requests, count.longest)
			}
		}
	}
}

// A tokenizer three times worse than the estimate, as Llama's is for Korean,
// refuses the first cluster's prompt however it is cut. It is asked for again
// when a later one's answer has shown what fits.
func TestFirstIsAskedAgain(t *testing.T) {
	for _, workers := range []int{1, 3} {
		count := &counting{tokens: func(s string) int { return prompts.Tokens(s) * 3 }}
		s := play(count.chat(t))
		clusters := longClusters()
		got := label(t, connect(t, s, settings{Workers: workers}), clusters)
		for i, l := range got.Labels {
			if strings.Contains(l.Reason, ErrOverflow.Error()) {
				t.Errorf("%d workers: label %d: %s", workers, i, l.Reason)
			}
		}
		last := s.asked()[count.requests-1]
		if first := fenced(last, "notes")[0]; len(count.refused) < 3 || !strings.HasPrefix(first, "customers") {
			t.Errorf("%d workers: %d refused, the last was about %.20q", workers, len(count.refused), first)
		}
	}
	// A model that answers nothing is not asked a second time.
	refusing := play(func(*Request, int) (*Response, error) { return nil, ErrOverflow })
	label(t, connect(t, refusing, settings{}), longClusters())
	if n := len(refusing.asked()); n > 3*len(longClusters()) {
		t.Errorf("%d requests that all overflowed", n)
	}
}
