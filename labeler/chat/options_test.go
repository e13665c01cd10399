package chat

import (
	"math"
	"strings"
	"testing"
)

func TestNewLabelerRefuses(t *testing.T) {
	temperature := func(f float64) *float64 { return &f }
	for name, s := range map[string]settings{
		"temperature":    {Temperature: temperature(-1)},
		"temperature is": {Temperature: temperature(math.NaN())},
		"top-k":          {TopK: -1},
		"top-p":          {TopP: 1.5},
		"max-tokens":     {MaxTokens: 8},
		"a quarter":      {MaxTokens: 600},
		"context":        {NumCtx: 100},
		"threads":        {NumThread: -1},
		"timeout":        {Timeout: -1},
		"of the run":     {RunTimeout: -1},
		"workers":        {Workers: -1},
		"candidates":     {Candidates: 17, Judge: theJudge(t)},
		"of candidates":  {Candidates: -1},
	} {
		if _, err := NewLabeler(play(nil), s.options()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	s := play(always(labelJSON("Animals"), "stop"))
	got := label(t, connect(t, s, settings{}), clustersOf(three[0]))
	req := s.asked()[0]
	if req.Temperature != 0.1 || req.TopK != 3 || req.TopP != 0.8 || req.MaxTokens != 32 || req.Seed != 0 || req.Context != 2048 || req.Threads != 0 {
		t.Errorf("%+v", req)
	}
	if got.Options["timeout"] != 60.0 || got.Options["workers"] != 1 {
		t.Errorf("%v", got.Options)
	}
	zero := 0.0
	label(t, connect(t, s, settings{Temperature: &zero, Seed: math.MaxUint64, NumThread: 2}), clustersOf(three[0]))
	if req := s.asked()[1]; req.Temperature != 0 || req.Seed != math.MaxInt32 || req.Threads != 2 {
		t.Errorf("%+v", req)
	}
}
