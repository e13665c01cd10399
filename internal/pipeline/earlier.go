package pipeline

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/quality"
	"sheaf/internal/report"
	"sheaf/labeler"
)

// NowhereID is the id of the cluster of items that fit into no other; it has
// no centroid and hands its id to no one.
const NowhereID = "none"

// An earlier is the result of an earlier run, whose clusters hand their ids
// and labels on.
type earlier struct {
	path   string
	sha256 string
	result *report.Result

	level int            // whose clusters hand on; 0 in results of notes
	chats *conversations // of this run, where the result is one of chats
}

// readEarlier reads a result that the user named.
func readEarlier(path string) (*earlier, error) {
	const how = "give the JSON result of an earlier run"
	f, err := os.Open(path)
	if err != nil {
		return nil, hint.Errorf(how, "%w", err)
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && st.IsDir() {
		return nil, hint.Errorf(how, "%s is a folder", path)
	}
	sum := sha256.New()
	r, err := report.Read(io.TeeReader(f, sum))
	if err != nil {
		return nil, hint.Errorf(cmp.Or(hint.Of(err), how), "%s: %w", path, err)
	}
	return &earlier{path: path, sha256: hex.EncodeToString(sum.Sum(nil)), result: r}, nil
}

// labelsFrom reads the result that ids and labels are kept from, or nil where
// there is none.
func (c *Common) labelsFrom() (*earlier, error) {
	if c.LabelsFrom == "" {
		return nil, nil
	}
	e, err := readEarlier(c.LabelsFrom)
	if err != nil {
		return nil, err
	}
	if e.result.Manifest.Privacy != nil {
		return nil, hint.Errorf("give the result of sheaf notes or sheaf assign", "%s: it is a result of sheaf %s, whose texts are other ones", c.LabelsFrom, e.result.Manifest.Command)
	}
	return e, nil
}

// A succession says which earlier cluster each group goes on from.
type succession struct {
	from *earlier
	old  []int // for each group, the place of its cluster in the earlier result, or -1
	ids  []string
	gone []string // ids of earlier clusters that no group goes on from
}

// leastSuccession is how much two clusters have to share of the texts that both
// runs have and either cluster holds, for one to be the other's successor: a
// quarter, so that a cluster may be halved or joined by one of its size.
const leastSuccession = 0.25

// succeed matches groups with the clusters of an earlier result one to one, so
// that they share as many distinct texts as can be, those of clusters that the
// user has named going before all others. New ids begin with the number next.
func (e *earlier) succeed(groups []cluster, next int) *succession {
	s := &succession{from: e, old: make([]int, len(groups)), ids: make([]string, len(groups))}
	shared, known, left := e.shared(groups)
	total := 1.0
	for _, n := range known {
		total += n
	}
	gain := make([][]float64, len(groups))
	for g := range groups {
		gain[g] = make([]float64, len(e.result.Clusters))
		for c := range gain[g] {
			n := shared[g][c]
			if n < leastSuccession*(known[g]+left[c]-n) {
				continue
			}
			gain[g][c] = n
			if e.result.Clusters[c].LabelSource == string(labeler.FromUser) {
				gain[g][c] = n * total
			}
		}
	}
	taken := make([]bool, len(e.result.Clusters))
	for g, c := range quality.Match(gain) {
		s.old[g] = -1
		if c >= 0 && gain[g][c] > 0 {
			s.old[g], taken[c], s.ids[g] = c, true, e.result.Clusters[c].ID
		}
	}
	for g := range groups {
		if s.ids[g] == "" {
			s.ids[g] = "c" + strconv.Itoa(next)
			next++
		}
	}
	for c, t := range taken {
		if !t && e.result.Clusters[c].Level == e.level && e.result.Clusters[c].ID != NowhereID && !isOther(&e.result.Clusters[c]) {
			s.gone = append(s.gone, e.result.Clusters[c].ID)
		}
	}
	return s
}

// whereBefore says for each text in which earlier cluster it was, as a place in
// the earlier result, or -1 for one that is new.
func (e *earlier) whereBefore(texts []*text) []int {
	if e.chats != nil {
		return e.conversationsBefore(texts)
	}
	at := make(map[string]int, len(e.result.Clusters))
	for i, c := range e.result.Clusters {
		at[c.ID] = i
	}
	var docs []corpus.Document
	var in []int
	for _, it := range e.result.Items {
		if it.Text != nil && it.DuplicateOf == nil && it.Cluster != NowhereID {
			docs, in = append(docs, corpus.Document{Text: *it.Text}), append(in, at[it.Cluster])
		}
	}
	before := len(docs)
	for _, t := range texts {
		docs = append(docs, t.docs[0])
	}
	out := make([]int, len(texts))
	for i, first := range corpus.Duplicates(docs)[before:] {
		out[i] = -1
		if first < before {
			out[i] = in[first]
		}
	}
	return out
}

// shared counts the distinct texts that each group has in common with each
// earlier cluster, those it has in common with any, and those that are left of
// each earlier cluster.
func (e *earlier) shared(groups []cluster) (shared [][]float64, known, left []float64) {
	var texts []*text
	var of []int
	for g := range groups {
		for _, m := range groups[g].members {
			texts, of = append(texts, m.text), append(of, g)
		}
	}
	shared, known, left = make([][]float64, len(groups)), make([]float64, len(groups)), make([]float64, len(e.result.Clusters))
	for g := range shared {
		shared[g] = make([]float64, len(left))
	}
	for i, c := range e.whereBefore(texts) {
		if c >= 0 {
			shared[of[i]][c]++
			known[of[i]]++
			left[c]++
		}
	}
	return shared, known, left
}

// start is the centroids of what is left of the earlier clusters among the
// vectors of this run, or nil where nothing is left. A fit that goes on from
// them finds the same clusters again where they are still there; one from a
// start of its own finds others that are as good.
func (e *earlier) start(col *collection) *blas32.General {
	texts := make([]*text, len(col.texts))
	for i := range col.texts {
		texts[i] = &col.texts[i]
	}
	d := col.vectors.Cols
	sums, weight := make([]float64, len(e.result.Clusters)*d), make([]float64, len(e.result.Clusters))
	for i, c := range e.whereBefore(texts) {
		if c < 0 {
			continue
		}
		w := float64(len(texts[i].docs))
		weight[c] += w
		for j, x := range col.vectors.Data[i*col.vectors.Stride:][:d] {
			sums[c*d+j] += float64(w * float64(x))
		}
	}
	out := &blas32.General{Cols: d, Stride: d}
	for c, w := range weight {
		if w == 0 {
			continue
		}
		out.Rows++
		for _, x := range sums[c*d : (c+1)*d] {
			out.Data = append(out.Data, float32(x/w))
		}
	}
	if out.Rows == 0 {
		return nil
	}
	return out
}

// nextID is the first number that no cluster of the result ever had, as far as
// the result knows.
func (e *earlier) nextID() int {
	next := 1
	for _, c := range e.result.Clusters {
		if n, err := strconv.Atoi(strings.TrimPrefix(c.ID, "c")); err == nil && strings.HasPrefix(c.ID, "c") {
			next = max(next, n+1)
		}
	}
	if from := e.result.Manifest.LabelsFrom; from != nil {
		next = max(next, from.NextID)
	}
	return next
}

// labels are the labels that groups keep; the elements of others are nil. A
// cluster that nobody had named is named anew.
func (s *succession) labels() []*labeler.Label {
	out := make([]*labeler.Label, len(s.old))
	for g, c := range s.old {
		if c < 0 {
			continue
		}
		was := &s.from.result.Clusters[c]
		switch source := labeler.Source(was.LabelSource); source {
		case labeler.FromUser, labeler.FromModel, labeler.FromKeywords:
			out[g] = &labeler.Label{Text: was.Label, Description: was.Description, Source: source, Reason: "kept from the earlier result"}
		}
	}
	return out
}

// record is what the manifest says, and warnings about what was lost.
func (s *succession) record() (*report.LabelsFrom, []string) {
	rec := &report.LabelsFrom{Path: s.from.path, SHA256: s.from.sha256, Gone: slices.Clone(s.gone), NextID: s.from.nextID()}
	for _, c := range s.old {
		if c >= 0 {
			rec.Kept++
		} else {
			rec.New++
			rec.NextID++
		}
	}
	var warnings []string
	for _, c := range s.from.result.Clusters {
		if c.LabelSource == string(labeler.FromUser) && slices.Contains(s.gone, c.ID) {
			warnings = append(warnings, fmt.Sprintf("cluster %s of %s, which you named, has no successor: its items are gone or in several clusters", c.ID, s.from.path))
		}
	}
	if rec.Kept == 0 {
		warnings = append(warnings, fmt.Sprintf("no cluster goes on from one of %s: all ids and labels are new", s.from.path))
	}
	return rec, warnings
}

// unlabelled are the clusters that have no label yet, and their places.
func unlabelled(in []labeler.Cluster, given []*labeler.Label) (rest []labeler.Cluster, at []int) {
	for i := range in {
		if i >= len(given) || given[i] == nil {
			rest, at = append(rest, in[i]), append(at, i)
		}
	}
	return rest, at
}

// withGiven puts labels that were given in place of those made, or where at is
// not nil between them: it says where each of l stands. A given label keeps its
// text; one that was made and is the same gets a number.
func withGiven(l *labeler.Labels, given []*labeler.Label, at []int) *labeler.Labels {
	if !slices.ContainsFunc(given, func(g *labeler.Label) bool { return g != nil }) {
		return l
	}
	made := make([]labeler.Label, len(given))
	if at == nil {
		copy(made, l.Labels)
	}
	for i, place := range at {
		made[place] = l.Labels[i]
	}
	// What was given goes first, since of labels that are alike the first stays.
	var order []int
	for _, first := range []bool{true, false} {
		for i := range given {
			if (given[i] != nil) == first {
				order = append(order, i)
			}
		}
	}
	inOrder := make([]labeler.Label, len(order))
	for i, o := range order {
		inOrder[i] = made[o]
		if given[o] != nil {
			inOrder[i] = *given[o]
		}
	}
	labeler.MakeUnique(inOrder, nil)
	for i, o := range order {
		made[o] = inOrder[i]
	}
	l.Labels = made
	return l
}
