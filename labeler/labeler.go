// Package labeler names clusters of texts.
//
// The package holds what every labeler shares: the [Labeler] interface and
// the rules that a label has to keep ([Tidy], [Check], [MakeUnique]). [Rules] has
// them in three profiles, for labels of notes, labels of chats and descriptions
// of chats. The labelers themselves are sub-packages; labeler imports none of
// them.
package labeler

import "context"

// A Labeler names the clusters of one clustering.
type Labeler interface {
	// Label returns one label for each cluster, in the order given. All
	// clusters of a clustering are named in one call, because a label has to
	// tell its cluster from the others.
	//
	// A labeler that cannot name a cluster says so in the label's Source and
	// in Warnings; the error is for a context that ended and for what makes
	// every label impossible.
	//
	// progress, where it is not nil, is called now and then with the number
	// of clusters done so far; calls do not overlap.
	Label(ctx context.Context, clusters []Cluster, progress func(done int)) (*Labels, error)
}

// A Cluster is what a labeler may look at.
type Cluster struct {
	// Members is the distinct texts of the cluster, the one nearest to the
	// centroid first. It has at least one element.
	Members []string
	// Weights is how many items each member stands for, or nil where each
	// stands for one.
	Weights []int
	// Near is texts of other clusters, the nearest to this one's centroid
	// first, for contrast. Where it is nil a labeler takes members of the other
	// clusters instead.
	Near []string
	// Centroid is the mean of the members' unit vectors as the run's embedder
	// gives them, not scaled to unit length. It is nil where it is not known, as
	// where the vectors were fitted to the collection before.
	Centroid []float32
}

// A Source says where a label came from.
type Source string

// The sources a label can have, as they stand in a result.
const (
	FromModel    Source = "model"    // a chat model
	FromKeywords Source = "keywords" // distinctive words or a concept
	FromUser     Source = "user"     // the user's own
	FromNone     Source = "none"     // nobody: the label is "Cluster N"
	Withheld     Source = "withheld" // it did not pass the privacy audit
)

// A Label is the name of one cluster.
type Label struct {
	Text        string // at most MaxWords words, no two alike in a clustering
	Description string // a sentence, or up to five distinctive words
	Source      Source
	Reason      string // why this label, for --explain
}

// Labels is the answer to one clustering.
type Labels struct {
	Labels   []Label  // one for each cluster
	Warnings []string // what went wrong on the way, a sentence each
	// Options, Model, Digest and PromptDigest go into the manifest. Model,
	// Digest and PromptDigest are empty where no chat model was asked.
	Options                     map[string]any
	Model, Digest, PromptDigest string
}
