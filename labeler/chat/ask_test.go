package chat

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// open returns a session that loses no time.
func open(t *testing.T, client Client, opts Options) *Session {
	t.Helper()
	opts.Backoff = time.Microsecond
	s, err := Open(t.Context(), client, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

type rating struct{ Concern int }

// rate asks for a number from 1 to 5 about a text.
func rate(text string) Question[int] {
	return Question[int]{
		Task: "concern", MaxTokens: 16,
		Prompt: func(n Need) (Prompt, error) {
			user := strings.Repeat(text+" ", 1+max(0, n.Room-100)*3/(len(text)+1))
			return Prompt{System: "Rate it." + n.Fault, User: user, Schema: Object(Field{"concern", Scale(1, 5)})}, nil
		},
		Parse: func(a Answer) (int, error) {
			var v rating
			err := a.Decode(&v)
			if err == nil && (v.Concern < 1 || v.Concern > 5) {
				err = errors.New("is no number from 1 to 5")
			}
			return v.Concern, err
		},
	}
}

// inOrder gives one answer after the other.
func inOrder(answers ...string) script {
	return func(_ *Request, n int) (*Response, error) { return say(answers[n], "stop") }
}

func TestAsk(t *testing.T) {
	for name, c := range map[string]struct {
		answers []string
		value   int
		faults  string // of the attempts
	}{
		"at once":         {[]string{`{"concern":3}`}, 3, "[<nil>]"},
		"in prose":        {[]string{"Well: ```json\n{\"concern\": 4}\n``` I hope {this} helps"}, 4, "[<nil>]"},
		"after a thought": {[]string{`<think>{"concern": 1}</think>{"concern": 5}`}, 5, "[<nil>]"},
		"repaired":        {[]string{`{"concern":7}`, `{"concern":2}`}, 2, "[is no number from 1 to 5 <nil>]"},
		"another form":    {[]string{`{"concern":"high"}`, `{"concern":1}`}, 1, "[is no JSON object of the right form <nil>]"},
		"never":           {[]string{``, `{"concern":9}`}, 0, "[is empty is no number from 1 to 5]"},
	} {
		f := play(inOrder(c.answers...))
		got, err := Ask(t.Context(), open(t, f, Options{}), rate("a text"))
		var faults []error
		for _, a := range got.Attempts {
			faults = append(faults, a.Fault)
		}
		if got.Value != c.value || fmt.Sprint(faults) != c.faults || (err != nil) != (c.value == 0) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if asked := f.asked(); len(asked) != len(c.answers) || len(asked) == 2 && !strings.HasSuffix(asked[1].System, faults[0].Error()) {
			t.Errorf("%s: %d requests", name, len(asked))
		}
		var fault *FaultError
		if err != nil && (!errors.As(err, &fault) || err.Error() != "is empty" || len(fault.Attempts) != 2) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A number that an answer gave before it turned out to be of another form is
// not left in the value.
func TestDecodeLeavesNothingBehind(t *testing.T) {
	var v struct{ A, B int }
	if err := (Answer{Content: `{"a":1,"b":"x"} {"b":2}`}).Decode(&v); err != nil || v.A != 0 || v.B != 2 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestVariants(t *testing.T) {
	f := play(always(`{"concern":1}`, "stop"))
	s := open(t, f, Options{Seed: 7, NumThread: 2})
	for variant := range 3 {
		q := rate("a text")
		q.Variant = variant
		if _, err := Ask(t.Context(), s, q); err != nil {
			t.Fatal(err)
		}
		req := f.asked()[variant]
		if req.Seed != 7+variant || (req.Temperature == 0.1) != (variant == 0) || req.MaxTokens != 16 || req.Context != 2048 || req.Threads != 2 {
			t.Errorf("%+v", req)
		}
	}
}

// A prompt that does not fit is cut by a third of what can be cut, twice at
// most, and not asked again where it cannot be made shorter.
func TestAskCuts(t *testing.T) {
	for refused := range 4 {
		f := play(func(_ *Request, n int) (*Response, error) {
			if n < refused {
				return nil, ErrOverflow
			}
			return say(`{"concern":1}`, "stop")
		})
		got, err := Ask(t.Context(), open(t, f, Options{}), rate("text"))
		asked := f.asked()
		if refused <= 2 && (err != nil || got.Attempts[0].Cuts != refused) || refused > 2 && !errors.Is(err, ErrOverflow) {
			t.Errorf("refused %d times: %+v, %v", refused, got, err)
		}
		if len(asked) != min(refused, 2)+1 {
			t.Errorf("refused %d times: %d requests", refused, len(asked))
		}
		for i := 1; i < len(asked); i++ {
			if share := float64(len(asked[i].User)) / float64(len(asked[i-1].User)); share > 0.7 || share < 0.5 {
				t.Errorf("refused %d times: cut to %.2f", refused, share)
			}
		}
	}
	f := play(func(*Request, int) (*Response, error) { return nil, ErrOverflow })
	q := rate("text")
	q.Prompt = func(Need) (Prompt, error) { return Prompt{System: "a", User: "b"}, nil }
	if _, err := Ask(t.Context(), open(t, f, Options{}), q); !errors.Is(err, ErrOverflow) || len(f.asked()) != 2 {
		t.Errorf("%v after %d requests", err, len(f.asked()))
	}
	q.Prompt = func(Need) (Prompt, error) { return Prompt{}, errors.New("no template") }
	if _, err := Ask(t.Context(), open(t, f, Options{}), q); err == nil || err.Error() != "no template" {
		t.Errorf("%v", err)
	}
}

func TestChars(t *testing.T) {
	for want, n := range map[int]Need{96: {Factor: 1}, 48: {Factor: 2}, 32: {Factor: 1, Short: true}} {
		if got := n.Chars(32, 1.0/3); got != want {
			t.Errorf("%+v: %d, want %d", n, got, want)
		}
	}
	if got := (Need{Factor: 1}).Chars(-5, 1); got != 0 {
		t.Errorf("%d", got)
	}
}

// What the first item shows of the model holds for the others, whatever the
// order in which they come, and not for the next pass.
func TestEachLearns(t *testing.T) {
	for _, workers := range []int{1, 3} {
		f := play(func(req *Request, _ int) (*Response, error) {
			r, err := say(`{"concern":1}`, "stop")
			r.PromptTokens = templateTokens + 2*(len(req.System)+len(req.User))/3
			return r, err
		})
		s := open(t, f, Options{Workers: workers})
		ask := func(ctx context.Context, i int) error {
			_, err := Ask(ctx, s, rate(fmt.Sprintf("text %02d", i)))
			return err
		}
		var seen []int
		for range 2 {
			if err := s.Each(t.Context(), 7, ask, func(done int) { seen = append(seen, done) }); err != nil {
				t.Fatal(err)
			}
		}
		if want := []int{1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 6, 7}; !slices.Equal(seen, want) {
			t.Errorf("progress %v", seen)
		}
		for i, req := range f.asked() {
			if isFirst := i%7 == 0; isFirst != (len(req.User) > 4000) {
				t.Errorf("request %d has %d bytes", i, len(req.User))
			}
		}
	}
}

func TestEachStops(t *testing.T) {
	f := play(always(`{"concern":1}`, "stop"))
	s := open(t, f, Options{Workers: 2})
	broken := errors.New("broken")
	var calls atomic.Int32
	err := s.Each(t.Context(), 100, func(_ context.Context, i int) error {
		calls.Add(1)
		if i == 3 {
			return broken
		}
		return nil
	}, nil)
	if !errors.Is(err, broken) || calls.Load() > 50 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = s.Each(ctx, 100, func(context.Context, int) error { cancel(); return nil }, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := s.Each(t.Context(), 0, nil, nil); err != nil {
		t.Error(err)
	}
}

// A server that is lost is asked no more, but what it had answered is there.
func TestSessionGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		failure Failure
		calls   int
	}{
		"fatal":        {Failure{Why: "is gone", Fatal: true}, 1},
		"passing":      {Failure{Why: "is busy", Retry: true}, 2 * tries},
		"of one call":  {Failure{Why: "answers with status 500"}, 2},
		"never spoken": {Failure{Why: "did not answer in time", Timeout: true}, 1},
	} {
		kept := &memory{kept: make(map[string]string)}
		if _, err := Ask(t.Context(), open(t, play(always(`{"concern":4}`, "stop")), Options{Answers: kept}), rate("known")); err != nil {
			t.Fatal(err)
		}
		f := play(func(*Request, int) (*Response, error) { failure := c.failure; return nil, &failure })
		s := open(t, f, Options{Answers: kept})
		for i := range 4 {
			_, err := Ask(t.Context(), s, rate("another"))
			var failure *Failure
			if !errors.As(err, &failure) || failure.Why != c.failure.Why || failure.Unasked != (len(f.asked()) == c.calls && i >= c.calls) && c.calls == 1 {
				t.Errorf("%s: %+v", name, err)
			}
		}
		if n := len(f.asked()); n != c.calls || s.Stopped() != c.failure.Why || s.Stats().Calls != c.calls {
			t.Errorf("%s: %d calls, %q, %+v", name, n, s.Stopped(), s.Stats())
		}
		got, err := Ask(t.Context(), s, rate("known"))
		if err != nil || got.Value != 4 || !got.Attempts[0].Kept {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestRunTimeout(t *testing.T) {
	f := play(always(`{"concern":1}`, "stop"))
	s := open(t, f, Options{RunTimeout: time.Nanosecond})
	time.Sleep(time.Microsecond)
	_, err := Ask(t.Context(), s, rate("a text"))
	var failure *Failure
	if !errors.As(err, &failure) || !failure.Unasked || !strings.Contains(failure.Why, "took more than the 0s") || len(f.asked()) != 0 {
		t.Errorf("%v", err)
	}
}

func TestManifest(t *testing.T) {
	f := play(always(`{"concern":1}`, "stop"))
	f.model.Context, f.model.Thinking = 1024, true
	f.model.Settings = map[string]any{"keep_alive": 60.0}
	s := open(t, f, Options{Seed: 3, NumThread: 2, Workers: 4, RunTimeout: time.Hour})
	for _, tokens := range []int{16, ListTokens(5), FacetsTokens} {
		q := rate("a text")
		q.MaxTokens = tokens
		if _, err := Ask(t.Context(), s, q); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]any{"temperature": 0.1, "top_k": 3, "top_p": 0.8, "seed": 3, "num_ctx": 1024, "num_thread": 2, "workers": 4, "timeout": 60.0,
		"run_timeout": 3600.0, "think": false, "keep_alive": 60.0, "budgets": map[string]int{"concern": ListTokens(5)}}
	if got := s.Manifest(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	if !f.asked()[0].NoThinking {
		t.Error("the model may think")
	}
}

// That a prompt does not fit is kept for a model whose context is known.
func TestOverflowsAreKept(t *testing.T) {
	for context, want := range map[int]int{2048: 0, 0: 3} {
		kept := &memory{kept: make(map[string]string)}
		f := play(func(*Request, int) (*Response, error) { return nil, ErrOverflow })
		f.model.Context = context
		for range 2 {
			if _, err := Ask(t.Context(), open(t, f, Options{Answers: kept}), rate("text")); !errors.Is(err, ErrOverflow) {
				t.Error(err)
			}
		}
		if n := len(f.asked()); n != 3+want {
			t.Errorf("context %d: %d requests", context, n)
		}
	}
}

// The name of another kind of server, another model or request is another
// answer; a model that nobody can tell from others has none that are kept.
func TestKeys(t *testing.T) {
	kept := &memory{kept: make(map[string]string)}
	seen := make(map[string]bool)
	for _, m := range []Model{{Digest: "sha256:aa"}, {Digest: "sha256:bb"}, {Identity: "x.gguf"}, {Identity: "y.gguf"}} {
		f := play(nil)
		f.model = m
		s := open(t, f, Options{Answers: kept})
		for _, req := range []*Request{{User: "a"}, {User: "b"}, {User: "a", Seed: 1}, {User: "a", MaxTokens: 2}, {User: "a", NoThinking: true}, {User: "a", Schema: Scale(1, 2)}} {
			key := string(s.key(req))
			if key == "" || seen[key] {
				t.Errorf("%+v, %+v: key %q", m, req, key)
			}
			seen[key] = true
		}
	}
	f := play(nil)
	f.model = Model{Name: "tinyllama"}
	if key := open(t, f, Options{Answers: kept}).key(&Request{}); key != nil {
		t.Errorf("%s", key)
	}
}
