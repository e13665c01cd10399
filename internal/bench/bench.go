// Package bench compares embedding models on texts of the user's own: how well
// clusters of their vectors agree with labels, or with each other where there
// are none, and what the models cost in time and memory.
package bench

import (
	"slices"

	"sheaf/internal/quality"
)

// A Set is texts to compare models on, and the group of each, or none.
type Set struct {
	Name   string   `json:"name"`
	Texts  []string `json:"texts"`
	Labels []string `json:"labels,omitempty"`
}

// K is the number of groups.
func (s *Set) K() int {
	l := slices.Clone(s.Labels)
	slices.Sort(l)
	return len(slices.Compact(l))
}

// A Job is what a process that measures one model is told.
type Job struct {
	Model      string   `json:"model"`
	ModelHome  string   `json:"model_home"`
	RuntimeDir string   `json:"runtime_dir"`
	Provider   string   `json:"provider"`
	Threads    int      `json:"threads"`
	Seed       uint64   `json:"seed"`
	Protocol   Protocol `json:"protocol"`
	K          int      `json:"k"`       // of sets without labels; 0 chooses it
	Quality    bool     `json:"quality"` // else speed alone
	Sets       []Set    `json:"sets"`
}

// A Measurement is what one run of one model gave.
type Measurement struct {
	Model    string `json:"model"`
	Digest   string `json:"digest"`
	Backend  string `json:"backend"`
	Provider string `json:"provider"`
	DType    string `json:"dtype"`
	Dim      int    `json:"dim"`

	LoadSeconds  float64    `json:"load_seconds"`
	EmbedSeconds float64    `json:"embed_seconds"` // of all texts of all sets
	CPUSeconds   float64    `json:"cpu_seconds"`   // 0 where the system does not say
	Texts        int        `json:"texts"`
	Tokens       int        `json:"tokens"`
	Latency      [3]float64 `json:"latency"`     // seconds for a text alone: p50, p95, p99
	PeakMemory   int64      `json:"peak_memory"` // bytes; 0 where the system does not say

	Sets []Score `json:"sets,omitempty"` // with Job.Quality

	Error string `json:"error,omitempty"` // why there is nothing else
	Hint  string `json:"hint,omitempty"`
}

// A Score is how good clusters of one set are.
type Score struct {
	Set string `json:"set"`
	K   int    `json:"k"`
	// With labels. V is the mean over the protocol's runs, or of one run its
	// value, with an interval.
	V        *quality.Interval `json:"v_measure,omitempty"`
	AMI      float64           `json:"ami,omitempty"`
	ARI      float64           `json:"ari,omitempty"`
	Accuracy float64           `json:"accuracy,omitempty"`
	// Without.
	Silhouette *float64           `json:"silhouette,omitempty"`
	Seeds      *quality.Stability `json:"stability_seeds,omitempty"`
	Samples    *quality.Stability `json:"stability_samples,omitempty"`
	Clusters   []int32            `json:"clusters,omitempty"` // of each text; -1 for one without a vector
}

// A Row is one model in the table.
type Row struct {
	Model    string `json:"model"`
	Digest   string `json:"digest,omitempty"`
	Backend  string `json:"backend,omitempty"`
	Provider string `json:"provider,omitempty"`
	DType    string `json:"dtype,omitempty"`
	Dim      int    `json:"dim,omitempty"`

	TextsPerSecond  quality.Interval `json:"texts_per_second"` // median of the repetitions, and its interval
	TokensPerSecond quality.Interval `json:"tokens_per_second"`
	LatencyMillis   [3]float64       `json:"latency_ms"`           // of a text alone: p50, p95, p99
	LoadSeconds     float64          `json:"load_seconds"`         // median
	Cost            float64          `json:"cpu_seconds_per_1000"` // texts; median
	PeakMemory      int64            `json:"peak_memory"`          // bytes, the largest

	Sets    []Score `json:"sets"`
	Quality float64 `json:"quality"` // mean V-measure over the sets; without labels, mean stability over subsamples
	Error   string  `json:"error,omitempty"`
}

// A Difference is how two models group one set.
type Difference struct {
	Set    string  `json:"set"`
	A      string  `json:"a"`
	B      string  `json:"b"`
	ARI    float64 `json:"ari"`
	AMI    float64 `json:"ami"`
	Groups []Group `json:"groups"` // of A that B tears apart most
}

// A Group is a cluster of one model that another has not.
type Group struct {
	Size     int      `json:"size"`
	Together float64  `json:"together"` // the largest share of it that is in one cluster of the other
	Parts    int      `json:"parts"`    // clusters of the other that it is in
	Examples []string `json:"examples"` // one text of each part
	Split    []Part   `json:"split"`    // the largest parts
}

// A Part is what of a group is in one cluster of the other model.
type Part struct {
	Size     int      `json:"size"`
	Examples []string `json:"examples"`
	With     []string `json:"with"` // some of what else is in that cluster
}

// A Report is all of a comparison.
type Report struct {
	Schema      int          `json:"schema"`
	Sheaf       string       `json:"sheaf"`
	Machine     string       `json:"machine"`
	Threads     int          `json:"threads"`
	Protocol    Protocol     `json:"protocol"`
	Seed        uint64       `json:"seed"`
	Repetitions int          `json:"repetitions"`
	Sets        []SetInfo    `json:"sets"`
	Models      []Row        `json:"models"`
	Differences []Difference `json:"differences,omitempty"`
	Labelled    bool         `json:"labelled"`
}

// SetInfo is a set without its texts.
type SetInfo struct {
	Name  string `json:"name"`
	Texts int    `json:"texts"`
	K     int    `json:"groups"`
}
