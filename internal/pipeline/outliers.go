package pipeline

import (
	"context"
	"fmt"
	"math"
	"slices"

	"sheaf/internal/quality"
	"sheaf/internal/report"
)

// An outlier is a text whose score, by which sheaf assign judges what fits
// nowhere, is above
//
//	median + outlierFactor · madScale · MAD
//
// of the scores of all distinct texts, each judged as if it were new. MAD is the
// median absolute deviation from the median (Leys et al. 2013, "Detecting
// outliers: do not use standard deviation around the mean, use absolute deviation
// around the median"): neither is moved by the outliers themselves, and many
// collections have none. A factor of 2.5 is theirs for a moderate rule. Of
// collections where every text belongs to a group it marks 1.6% at most, and of
// 100 texts out of scope among 4,500 of clinc150's intents a fifth (2 would mark
// two fifths, and 4% of the others; 3 a tenth, and 0.3%); see
// TestOutliersLabelledSets. It is blind where outliers are many: of 1,000 among
// those 4,500 it marks 1%. A factor is also out of reach where texts have little
// in common, since a score hardly passes 2, that of unrelated texts.
const (
	outlierFactor = 2.5
	madScale      = 1.4826 // makes MAD the standard deviation of a normal distribution
	// outlierMembers of each cluster, evenly spread from the centroid outwards,
	// are what texts are held against at most, so that the time is not quadratic.
	outlierMembers = 256
)

// outlierRule is what scores say of outliers. The threshold is infinite where
// there are none: too few texts, or more than half of them with the same score.
func outlierRule(scores []float64) report.Outliers {
	o := report.Outliers{Neighbours: fitNeighbours, Factor: outlierFactor}
	if len(scores) <= fitNeighbours {
		return o
	}
	sorted := slices.Sorted(slices.Values(scores))
	o.Median = quality.Quantile(sorted, 0.5)
	for i, s := range sorted {
		sorted[i] = math.Abs(s - o.Median)
	}
	slices.Sort(sorted)
	if o.MAD = quality.Quantile(sorted, 0.5); o.MAD > 0 {
		limit := o.Median + outlierFactor*madScale*o.MAD
		o.Threshold = &limit
	}
	return o
}

// markOutliers marks the items of outlying texts and says the rule. They keep
// their clusters. Exact copies of a text are marked with it and do not make it fit.
func markOutliers(ctx context.Context, r *report.Result, groups []cluster, c *Common) error {
	s := &scorer{threads: c.Threads}
	var vectors [][]float32
	var texts []*text
	for _, g := range groups {
		s.centroids = append(s.centroids, g.centroid)
		n := min(len(g.members), outlierMembers)
		members := make([][]float32, n)
		for i := range members {
			members[i] = g.members[i*len(g.members)/n].vector
		}
		s.members = append(s.members, members)
		for _, m := range g.members {
			vectors, texts = append(vectors, m.vector), append(texts, m.text)
		}
	}
	places, err := s.all(ctx, vectors, vectors)
	if err != nil {
		return err
	}
	scores := make([]float64, len(places))
	for i, p := range places {
		scores[i] = p.score
	}
	rule := outlierRule(scores)
	marks := make(map[string]*report.Outlier)
	marked := 0
	for i, t := range texts {
		if rule.Threshold == nil || scores[i] <= *rule.Threshold {
			continue
		}
		marked++
		for _, doc := range t.docs {
			marks[doc.ID] = &report.Outlier{Score: shortest(float32(scores[i]))}
		}
	}
	for i := range r.Items {
		r.Items[i].Outlier = marks[r.Items[i].ID]
	}
	r.Manifest.Outliers = &rule
	why := "too few texts to tell, or most of them alike"
	if rule.Threshold != nil {
		why = fmt.Sprintf("a mean squared distance to the %d nearest texts above %.3f, the median %.3f and %g robust standard deviations of %.3f",
			fitNeighbours, *rule.Threshold, rule.Median, outlierFactor, madScale*rule.MAD)
	}
	c.note(fmt.Sprintf("outliers: %d of %d texts: %s", marked, len(texts), why))
	return nil
}
