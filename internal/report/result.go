// Package report holds the result of a run and writes it as text, Markdown,
// JSON or CSV.
package report

// Schema is the version of the JSON result. Keys are only ever added to it.
const Schema = 1

// Result is what a run gives: schema version 1, field by field.
type Result struct {
	Schema   int       `json:"schema"`
	Manifest Manifest  `json:"manifest"`
	Clusters []Cluster `json:"clusters"`
	Items    []Item    `json:"items"`
	Skipped  []Skipped `json:"skipped"`
}

// Manifest is all that is needed to run the same again. But for Created and
// Seconds it is the same for the same run, whatever the number of threads.
type Manifest struct {
	Sheaf      string     `json:"sheaf"`
	Created    string     `json:"created"` // RFC 3339
	Command    string     `json:"command"`
	Inputs     []Input    `json:"inputs"`
	Embedding  Embedding  `json:"embedding"`
	Clustering Clustering `json:"clustering"`
	Labeling   Labeling   `json:"labeling"`
	Privacy    *Privacy   `json:"privacy,omitempty"` // chats only
	Assign     *Assign    `json:"assign,omitempty"`  // assign only
	// NearDuplicates is there where they were looked for.
	NearDuplicates *NearDuplicates `json:"near_duplicates,omitempty"`
	// Outliers is there where they were looked for.
	Outliers *Outliers `json:"outliers,omitempty"`
	// LabelsFrom is there where ids and labels were kept from an earlier result.
	LabelsFrom *LabelsFrom `json:"labels_from,omitempty"`
	// Reconstruction is there where a run was measured on known categories.
	Reconstruction *Reconstruction `json:"reconstruction,omitempty"`
	Counts         Counts          `json:"counts"`
	Seconds        Seconds         `json:"seconds"`
	Warnings       []string        `json:"warnings"`
}

// Assign says how items were put into the clusters of an earlier result.
type Assign struct {
	Result string `json:"result"`
	SHA256 string `json:"sha256"`
	// Threshold is the score above which an item fits nowhere, null where there
	// were too few members to tell.
	Threshold   *float64 `json:"threshold"`
	Neighbours  int      `json:"neighbours"` // nearest members that a score is the mean squared distance to, less what sheaf assign --help says
	Share       float64  `json:"share"`      // of the members, the share that does not exceed the threshold
	Members     int      `json:"members"`    // how many of them the threshold was taken from
	Placed      int      `json:"placed"`     // new items in an earlier cluster
	Nowhere     int      `json:"nowhere"`    // new items that fit nowhere
	NewClusters []string `json:"new_clusters"`
}

// NearDuplicates says which items are marked to nearly repeat another.
type NearDuplicates struct {
	// Similarity is the cosine that an item has at least with the one it nearly
	// repeats, of the vectors as the model gives them.
	Similarity float64 `json:"similarity"`
	Groups     int     `json:"groups"` // items that others nearly repeat
}

// Outliers says by which rule items are marked to fit into no cluster: a score,
// which is that of Fit, above Median + Factor·1.4826·MAD.
type Outliers struct {
	Neighbours int      `json:"neighbours"` // see Assign.Neighbours
	Median     float64  `json:"median"`     // of the scores of all distinct texts
	MAD        float64  `json:"mad"`        // their median absolute deviation from it
	Factor     float64  `json:"factor"`
	Threshold  *float64 `json:"threshold"` // null where there were too few texts to tell, or most had the same score
}

// Outlier says how far an item is from all others.
type Outlier struct {
	Score float64 `json:"score"` // above Outliers.Threshold
}

// Fit says how an item fits into the clusters that were there before it.
type Fit struct {
	Score   float64 `json:"score"`   // see Assign.Neighbours; lower fits better
	Nearest string  `json:"nearest"` // the cluster of the nearest centroid
	Fits    bool    `json:"fits"`
}

// LabelsFrom is the earlier result that clusters have ids and labels from.
type LabelsFrom struct {
	Path   string   `json:"path"`
	SHA256 string   `json:"sha256"`
	Kept   int      `json:"kept"`    // clusters that go on from an earlier one
	New    int      `json:"new"`     // clusters that do not
	Gone   []string `json:"gone"`    // ids of earlier clusters that no cluster goes on from
	NextID int      `json:"next_id"` // the first number that no cluster had so far
}

// Input is one file that was read.
type Input struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"` // of the file's bytes, in hex
	Items  int    `json:"items"`  // how many items were read from it
}

// Embedding says which model made the vectors, and how.
type Embedding struct {
	Model           string  `json:"model"`
	Digest          string  `json:"digest"`
	Backend         string  `json:"backend"`
	Provider        string  `json:"provider"`
	Dim             int     `json:"dim"`
	Pooling         string  `json:"pooling"`
	MaxTokens       int     `json:"max_tokens"`
	TokenizerDigest string  `json:"tokenizer_digest"`
	LexiconDigest   *string `json:"lexicon_digest"` // null where the model has no lexicon
	Adapt           *Adapt  `json:"adapt"`          // static models only
	// Of transformer models: what goes before each text, and what was assumed
	// because the model's folder does not say it.
	Prompt   *string  `json:"prompt"`
	Defaults []string `json:"defaults"`
}

// Adapt says how the vectors were fitted to the collection.
type Adapt struct {
	Beta      float64 `json:"beta"`      // weight of the concept block
	Gamma     float64 `json:"gamma"`     // weight of the collection's own LSA block
	Dims      int     `json:"dims"`      // dimensions of the LSA block
	Noise     float64 `json:"noise"`     // singular value up to which directions were taken off; 0 where none were
	Documents int     `json:"documents"` // distinct texts it was fitted on
}

// Clustering says how the groups were made.
type Clustering struct {
	K           int          `json:"k"`
	ChosenBy    string       `json:"chosen_by"` // "user" or "auto"
	Seed        uint64       `json:"seed"`
	Inertia     float64      `json:"inertia"`
	Iterations  int          `json:"iterations"`
	Silhouette  float64      `json:"silhouette"` // simplified, -1 to 1
	KCandidates []KCandidate `json:"k_candidates"`
	KRange      *KRange      `json:"k_range,omitempty"` // where k was chosen: what is as plausible
}

// KCandidate is one k that was looked at and its score; higher is better.
type KCandidate struct {
	K     int     `json:"k"`
	Score float64 `json:"score"`
	// Stability is how much clusterings of subsamples into k agree, as a mean
	// adjusted Rand index; it is there for those that score nearly the same.
	Stability *float64 `json:"stability,omitempty"`
}

// KRange is numbers of clusters.
type KRange struct {
	Low  int `json:"low"`
	High int `json:"high"`
}

// Labeling says who named the groups.
type Labeling struct {
	Labeler      string         `json:"labeler"`
	Model        *string        `json:"model"` // the chat model; null where none was asked
	Digest       *string        `json:"digest"`
	Options      map[string]any `json:"options"`
	PromptDigest *string        `json:"prompt_digest"`
}

// Privacy is what was found and done about personal data.
type Privacy struct {
	Found            map[string]int `json:"found"`
	Redacted         int            `json:"redacted"`
	AuditFailed      int            `json:"audit_failed"`
	Withheld         int            `json:"withheld"`
	MinConversations int            `json:"min_conversations"`
	MinUsers         int            `json:"min_users"`
}

// Reconstruction says how well a run found categories that are known.
type Reconstruction struct {
	Categories int `json:"categories"`
	Accuracy
	ByLanguage map[string]Accuracy `json:"by_language"`
	Base       Agreement           `json:"base"` // of the base clusters with the categories
}

// Accuracy is how many conversations ended below their own category.
type Accuracy struct {
	Conversations int     `json:"conversations"` // that have a label
	Right         int     `json:"right"`
	Accuracy      float64 `json:"accuracy"`
}

// Agreement is how clusters agree with categories, each from 0 to 1.
type Agreement struct {
	Homogeneity  float64 `json:"homogeneity"`
	Completeness float64 `json:"completeness"`
	V            float64 `json:"v"`
}

// Counts accounts for every item: Read = Clustered + Skipped.
type Counts struct {
	Read       int `json:"read"`       // items, blank lines not among them
	Blank      int `json:"blank"`      // empty lines of plain text and Markdown
	Clustered  int `json:"clustered"`  // duplicates included
	Duplicates int `json:"duplicates"` // items that repeat an earlier one
	Truncated  int `json:"truncated"`  // items longer than the model reads
	Skipped    int `json:"skipped"`
	// NearDuplicates is the items that nearly repeat an earlier one and are no
	// duplicates; it is there where they were looked for and found.
	NearDuplicates int `json:"near_duplicates,omitempty"`
	Outliers       int `json:"outliers,omitempty"` // items that fit into no cluster, where they were looked for
}

// Seconds is the wall time of each stage.
type Seconds struct {
	Read    float64 `json:"read"`
	Embed   float64 `json:"embed"`
	Cluster float64 `json:"cluster"`
	Label   float64 `json:"label"`
	Total   float64 `json:"total"`
}

// Cluster is one group.
type Cluster struct {
	ID          string                    `json:"id"`    // c1… by size
	Level       int                       `json:"level"` // 0 is the base
	Parent      *string                   `json:"parent"`
	Label       string                    `json:"label"`
	Description string                    `json:"description"`
	LabelSource string                    `json:"label_source"`
	LabelReason string                    `json:"label_reason,omitempty"` // with --explain
	Size        int                       `json:"size"`
	Items       []string                  `json:"items"`              // ids, from the centroid outwards
	Centroid    string                    `json:"centroid,omitempty"` // base64 of little-endian float32, level 0 only
	Facets      map[string]map[string]int `json:"facets,omitempty"`   // chats only
}

// Item is one clustered text.
type Item struct {
	ID          string  `json:"id"`  // n1… in reading order
	Ref         *string `json:"ref"` // the input's own id
	Text        *string `json:"text"`
	Source      string  `json:"source"` // file:line
	Cluster     string  `json:"cluster"`
	Distance    float64 `json:"distance"`     // squared Euclidean to the centroid as fitted
	DuplicateOf *string `json:"duplicate_of"` // id of the first spelling
	Truncated   bool    `json:"truncated"`

	// NearDuplicateOf is the id of the item that this one nearly repeats.
	NearDuplicateOf *string `json:"near_duplicate_of,omitempty"`

	Outlier *Outlier `json:"outlier,omitempty"` // an item that fits into no cluster, its own included

	Fit *Fit `json:"fit,omitempty"` // assign only

	*Conversation // chats only
}

// Conversation is what an item of `sheaf chats` has beside its text.
type Conversation struct {
	Request  *string        `json:"request"`
	Task     *string        `json:"task"`
	Turns    *int           `json:"turns"`
	Language *string        `json:"language"`
	User     *string        `json:"user"` // a salted hash
	Facets   map[string]any `json:"facets"`
	Audit    map[string]any `json:"audit"`
}

// Skipped is one item that could not be clustered, and why.
type Skipped struct {
	Source string `json:"source"`
	Reason string `json:"reason"`
}
