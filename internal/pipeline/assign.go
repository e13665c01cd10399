package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/report"
	"sheaf/labeler"
)

// AssignOptions is what `sheaf assign` is told. Common.K, Adapt and LabelsFrom
// are those of the earlier result.
type AssignOptions struct {
	Common        // Model "" is the one that made the result
	Result string // the file of the earlier result
	Format corpus.Format
	Column string
	// Share is how many of the earlier items would fit if they were new, from
	// above 0 to 1; it sets the threshold of what fits nowhere. 0 means 0.95.
	Share float64
	// Update gives the earlier result with the new items in it, where it else
	// holds the new items alone. What fits nowhere but belongs together makes
	// new clusters.
	Update bool
}

// DefaultShare is that of AssignOptions.
const DefaultShare = 0.95

// Assign reads short texts and puts them into the clusters of an earlier result
// (see [scorer.judge] for which), whose ids, labels and centroids stay as they are.
func Assign(ctx context.Context, inputs []corpus.Input, opts AssignOptions) (*Outcome, error) {
	watch := newStopwatch(opts.Now)
	e, err := readEarlier(opts.Result)
	if err != nil {
		return nil, err
	}
	if opts.Share == 0 {
		opts.Share = DefaultShare
	}
	var labels *plan
	if opts.Update {
		if labels, err = planLabels(ctx, &opts.Common); err != nil {
			return nil, err
		}
	}
	notes, err := corpus.ReadNotes(ctx, inputs, corpus.Options{
		Format: opts.Format, Column: opts.Column,
		Progress: func(n int64) { opts.progress(Reading, int(n), 0) },
	})
	if err != nil {
		return nil, err
	}
	for _, r := range notes.Remarks {
		opts.note(r)
	}
	a := &assigning{earlier: e, opts: &opts, seconds: report.Seconds{Read: watch.lap()}}
	p, err := openPlacer(ctx, e, &opts.Common)
	if err != nil {
		return nil, err
	}
	defer p.emb.Close() // it was only read from
	opts.note(describeModel(p.emb.Info()))
	a.placer = p
	lost := a.read(notes)
	if err := a.place(ctx); err != nil {
		return nil, err
	}
	a.seconds.Embed = watch.lap()
	if err := a.judge(ctx); err != nil {
		return nil, err
	}
	var r *report.Result
	if opts.Update {
		r, err = a.update(ctx, labels)
	} else {
		r = a.result()
	}
	if err != nil {
		return nil, err
	}
	a.seconds.Cluster = watch.lap()
	m := &r.Manifest
	m.Sheaf, m.Created, m.Command = opts.Version, watch.start.UTC().Format(time.RFC3339), "assign"
	m.Seconds, m.Seconds.Total = a.seconds, watch.total()
	blank := notes.Blank
	if opts.Update {
		blank += e.result.Manifest.Counts.Blank
	}
	m.Counts = counts(r, blank)
	m.Warnings = append(m.Warnings, a.warnings...)
	out := &Outcome{Result: r, Incomplete: a.missing}
	if lost += len(a.skipped) - len(notes.Skipped); lost > 0 {
		out.Incomplete = append(out.Incomplete, fmt.Sprintf("%d of %d items could not be used; they are listed with the reason under skipped in the JSON", lost, len(notes.Documents)+len(notes.Skipped)))
	}
	m.Warnings = append(m.Warnings, out.Incomplete...)
	return out, nil
}

// assigning is a run of Assign.
type assigning struct {
	earlier *earlier
	opts    *AssignOptions
	placer  *placer
	seconds report.Seconds

	inputs  []report.Input
	skipped []report.Skipped
	texts   []text
	vectors [][]float32
	known   []*report.Item // for each text, the earlier item that says the same, or nil
	places  []place
	record  report.Assign

	warnings, missing []string // of naming new clusters
}

// fits says whether a text fits into a cluster; one that is there already does.
func (a *assigning) fits(i int) bool {
	return a.known[i] != nil && a.known[i].Cluster != NowhereID || a.places[i].score <= a.limit()
}

func (a *assigning) limit() float64 {
	if a.record.Threshold == nil {
		return math.Inf(1)
	}
	return *a.record.Threshold
}

// read numbers the new items after the earlier ones, joins those that are the
// same, and returns how many were lost in reading.
func (a *assigning) read(notes *corpus.Notes) (lost int) {
	a.inputs = manifestInputs(notes.Files)
	for _, s := range notes.Skipped {
		a.skipped = append(a.skipped, report.Skipped{Source: s.Source, Reason: s.Reason})
		if s.Lost {
			lost++
		}
	}
	last := 0
	for _, it := range a.earlier.result.Items {
		if n, err := strconv.Atoi(strings.TrimPrefix(it.ID, "n")); err == nil {
			last = max(last, n)
		}
	}
	for i := range notes.Documents {
		notes.Documents[i].ID = "n" + strconv.Itoa(last+1+i)
	}
	a.texts = distinctTexts(notes.Documents)
	return lost
}

// place finds the vectors of the new texts. Texts that have none are skipped.
func (a *assigning) place(ctx context.Context) error {
	raw := make([]string, len(a.texts))
	for i := range a.texts {
		raw[i] = a.texts[i].docs[0].Text
	}
	vectors, emb, err := a.placer.place(ctx, raw, &a.opts.Common)
	if err != nil {
		return err
	}
	for _, i := range emb.Truncated {
		a.texts[i].truncated = true
	}
	kept := a.texts[:0]
	for i := range a.texts {
		if _, empty := slices.BinarySearch(emb.Empty, i); empty {
			for _, doc := range a.texts[i].docs {
				a.skipped = append(a.skipped, report.Skipped{Source: doc.Source, Reason: "no known token"})
			}
			continue
		}
		kept = append(kept, a.texts[i])
		a.vectors = append(a.vectors, vectors.Data[i*vectors.Stride:][:vectors.Cols])
	}
	a.texts = kept
	a.known = make([]*report.Item, len(kept))
	// A text that is there already goes where it is, also where the user put it.
	var docs []corpus.Document
	var items []*report.Item
	for i := range a.earlier.result.Items {
		if it := &a.earlier.result.Items[i]; it.DuplicateOf == nil && it.Text != nil {
			docs, items = append(docs, corpus.Document{Text: *it.Text}), append(items, it)
		}
	}
	for i := range kept {
		docs = append(docs, kept[i].docs[0])
	}
	for i, first := range corpus.Duplicates(docs)[len(items):] {
		if first < len(items) {
			a.known[i] = items[first]
		}
	}
	return nil
}

// judge finds the cluster of each new text and whether it fits there.
func (a *assigning) judge(ctx context.Context) error {
	s := newScorer(a.placer, a.opts.Threads)
	if err := s.level(ctx); err != nil {
		return err
	}
	limit, of, err := s.threshold(ctx, a.opts.Share)
	if err != nil {
		return err
	}
	a.record = report.Assign{
		Result: a.earlier.path, SHA256: a.earlier.sha256, Neighbours: fitNeighbours, Share: a.opts.Share, Members: of, NewClusters: []string{},
	}
	if of > 0 {
		a.record.Threshold = &limit
		a.opts.note(fmt.Sprintf("an item fits where the mean squared distance to its %d nearest members is at most %.3f, as for %g%% of %d earlier items", fitNeighbours, limit, 100*a.opts.Share, of))
	}
	if a.places, err = s.all(ctx, a.vectors, nil); err != nil {
		return err
	}
	at := make(map[string]int)
	for j, c := range a.placer.clusters {
		at[a.earlier.result.Clusters[c].ID] = j
	}
	for i, it := range a.known {
		if it == nil {
			continue
		}
		if j, ok := at[it.Cluster]; ok {
			a.places[i] = place{cluster: j, distance: squared(a.vectors[i], a.placer.centroids[j])}
		}
	}
	return nil
}

// cluster is the earlier cluster that a text is nearest to.
func (a *assigning) cluster(i int) *report.Cluster {
	return &a.earlier.result.Clusters[a.placer.clusters[a.places[i].cluster]]
}

// An entry is one copy of a text that was placed.
type entry struct {
	order int
	item  report.Item
}

// entries are the items of text i in a cluster.
func (a *assigning) entries(i int, cluster string, distance float64, original *string) []entry {
	t := &a.texts[i]
	var out []entry
	for j, doc := range t.docs {
		it := report.Item{
			ID: doc.ID, Text: &doc.Text, Source: doc.Source, Cluster: cluster, Truncated: t.truncated, DuplicateOf: original,
			Distance: shortest(float32(distance)),
			Fit:      &report.Fit{Score: shortest(float32(a.places[i].score)), Nearest: a.cluster(i).ID, Fits: a.fits(i)},
		}
		if doc.Ref != "" {
			it.Ref = &doc.Ref
		}
		if j > 0 && original == nil {
			it.DuplicateOf = &t.docs[0].ID
		}
		out = append(out, entry{t.order[j], it})
	}
	return out
}

func inOrder(entries []entry) []report.Item {
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.order, b.order) })
	out := make([]report.Item, len(entries))
	for i, e := range entries {
		out[i] = e.item
	}
	return out
}

// nowhere is the cluster of what fits nowhere.
func nowhere() report.Cluster {
	return report.Cluster{ID: NowhereID, Label: "Fits nowhere", LabelSource: string(labeler.FromNone), Items: []string{}}
}

// result is the new items in the clusters they belong to, in the order of the
// earlier result, and last those that fit nowhere.
func (a *assigning) result() *report.Result {
	r := &report.Result{Schema: report.Schema, Manifest: a.earlier.result.Manifest, Skipped: a.skipped}
	r.Manifest.Inputs, r.Manifest.Warnings = a.inputs, []string{}
	r.Manifest.NearDuplicates, r.Manifest.Outliers = nil, nil // nobody looked among the new items
	var entries []entry
	in := make(map[string][]int)
	for i := range a.texts {
		id := NowhereID
		if a.fits(i) {
			id = a.cluster(i).ID
			a.record.Placed += len(a.texts[i].docs)
		} else {
			a.record.Nowhere += len(a.texts[i].docs)
		}
		in[id] = append(in[id], i)
		entries = append(entries, a.entries(i, id, a.places[i].distance, nil)...)
	}
	r.Manifest.Assign = &a.record
	for _, c := range append(slices.Clone(a.earlier.result.Clusters), nowhere()) {
		if len(in[c.ID]) == 0 || c.ID == NowhereID && c.Centroid == "" && slices.ContainsFunc(r.Clusters, func(o report.Cluster) bool { return o.ID == NowhereID }) {
			continue
		}
		c.Items, c.Size, c.Parent = a.outwards(in[c.ID]), 0, nil
		c.Size = len(c.Items)
		r.Clusters = append(r.Clusters, c)
	}
	r.Items = inOrder(entries)
	return r
}

// outwards are the ids of texts, the nearest to their centroid first.
func (a *assigning) outwards(texts []int) []string {
	slices.SortStableFunc(texts, func(x, y int) int { return cmp.Compare(a.places[x].distance, a.places[y].distance) })
	ids := []string{}
	for _, i := range texts {
		for _, doc := range a.texts[i].docs {
			ids = append(ids, doc.ID)
		}
	}
	return ids
}

// CheckShare says what is wrong with a share.
func CheckShare(share float64) error {
	if !(share > 0 && share <= 1) {
		return hint.Errorf("give a share such as 0.95: so many of the earlier items would fit if they were new", "--fit is %v, which is not above 0 and up to 1", share)
	}
	return nil
}
