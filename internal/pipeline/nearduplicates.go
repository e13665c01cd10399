package pipeline

import (
	"context"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/internal/hint"
	"sheaf/internal/report"
	"sheaf/kmeans"
)

// CheckNearDuplicates says what is wrong with a cosine above which texts are
// near duplicates.
func CheckNearDuplicates(similarity float64) error {
	if !(similarity > 0 && similarity <= 1) {
		return hint.Errorf("give a cosine such as 0.97", "--near-duplicates is %v, which is not above 0 and up to 1", similarity)
	}
	return nil
}

// nearDuplicates gives for each row the earlier row that it nearly repeats, or
// its own place: in their order, each row joins the nearest of the rows kept so
// far if their cosine is at least similarity, and is kept else. So each row of
// a group is that near to the group's first, which a chain of neighbours would
// not be.
func nearDuplicates(ctx context.Context, v blas32.General, similarity float64, threads int) ([]int32, error) {
	// For unit vectors ‖x−y‖² = 2 − 2 cos(x, y).
	return kmeans.Leaders(ctx, v.Data, v.Rows, v.Cols, 2-2*similarity, kmeans.AssignOptions{Threads: threads})
}

// markNearDuplicates names for each text that nearly repeats another the id of
// that one. Exact copies of it are duplicates and are not marked again.
func markNearDuplicates(r *report.Result, texts []text, of []int32, similarity float64) {
	first := make(map[string]*string)
	grouped := make(map[int32]bool)
	for i := range texts {
		if j := of[i]; int(j) != i {
			first[texts[i].docs[0].ID] = &texts[j].docs[0].ID
			grouped[j] = true
		}
	}
	for i := range r.Items {
		r.Items[i].NearDuplicateOf = first[r.Items[i].ID]
	}
	r.Manifest.NearDuplicates = &report.NearDuplicates{Similarity: similarity, Groups: len(grouped)}
}
