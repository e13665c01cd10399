package chat

import (
	"fmt"
	"math"
	"time"
)

// Options are the settings of a [Session]. The zero value works.
type Options struct {
	// Temperature is at least 0; nil means 0.1.
	Temperature *float64
	TopK        int     // 0 means 3
	TopP        float64 // above 0 and at most 1; 0 means 0.8
	Seed        uint64  // of the sampling; its lower 31 bits count

	// NumCtx is the context in tokens, for the prompt and the answer, at least
	// 512; 0 means 2048. A model with a smaller one gets its own.
	NumCtx    int
	NumThread int // threads of the server; 0 leaves the choice to it

	Timeout    time.Duration // of one call with its repetitions; 0 means 60 seconds
	RunTimeout time.Duration // of all calls of a session; 0 means none
	Backoff    time.Duration // before the second try of a call, then four times as long; 0 means 250 ms
	Workers    int           // calls at a time; 0 means 1

	// Answers, where it is not nil, is asked before the server is, and given
	// what the server answers.
	Answers Answers
}

const (
	defaultTemperature = 0.1
	defaultTopK        = 3
	defaultTopP        = 0.8
	defaultNumCtx      = 2048
	defaultTimeout     = time.Minute
	defaultBackoff     = 250 * time.Millisecond

	minNumCtx = 512
)

// fill puts the defaults in and says what is out of its range.
func (o *Options) fill() error {
	if o.Temperature == nil {
		t := defaultTemperature
		o.Temperature = &t
	}
	setDefault(&o.TopK, defaultTopK)
	setDefault(&o.TopP, defaultTopP)
	setDefault(&o.NumCtx, defaultNumCtx)
	setDefault(&o.Timeout, defaultTimeout)
	setDefault(&o.Backoff, defaultBackoff)
	setDefault(&o.Workers, 1)
	return checkRanges([]ranged{
		{*o.Temperature >= 0 && !math.IsInf(*o.Temperature, 1), "temperature", *o.Temperature, "0 or more"},
		{o.TopK > 0, "top-k", o.TopK, "1 or more"},
		{o.TopP > 0 && o.TopP <= 1, "top-p", o.TopP, "above 0 and at most 1"},
		{o.NumCtx >= minNumCtx, "context", o.NumCtx, "512 tokens or more"},
		{o.NumThread >= 0, "number of threads", o.NumThread, "0 or more"},
		{o.Timeout > 0, "timeout", o.Timeout, "above 0"},
		{o.RunTimeout >= 0, "timeout of the run", o.RunTimeout, "0 or more"},
		{o.Backoff > 0, "backoff", o.Backoff, "above 0"},
		{o.Workers > 0, "number of workers", o.Workers, "1 or more"},
	})
}

// A ranged is a setting, and whether it keeps its rule.
type ranged struct {
	ok    bool
	name  string
	value any
	rule  string
}

func checkRanges(settings []ranged) error {
	for _, s := range settings {
		if !s.ok {
			return fmt.Errorf("chat model: the %s is %v; it has to be %s", s.name, s.value, s.rule)
		}
	}
	return nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
