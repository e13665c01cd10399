package kmeans_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"sheaf/kmeans"
)

// Two groups of points on a plane.
var points = []float32{
	1, 1,
	1, 2,
	2, 1,
	8, 8,
	9, 8,
	8, 9,
}

func ExampleFit() {
	r, err := kmeans.Fit(context.Background(), points, 6, 2, kmeans.Options{K: 2, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, j := range r.Labels {
		fmt.Printf("row %d is in the cluster of row 0: %v\n", i, j == r.Labels[0])
	}
	fmt.Printf("inertia %.3f\n", r.Inertia)
	// Output:
	// row 0 is in the cluster of row 0: true
	// row 1 is in the cluster of row 0: true
	// row 2 is in the cluster of row 0: true
	// row 3 is in the cluster of row 0: false
	// row 4 is in the cluster of row 0: false
	// row 5 is in the cluster of row 0: false
	// inertia 2.667
}

func ExampleAssign() {
	centroids := []float32{0, 0, 10, 10}
	a, err := kmeans.Assign(context.Background(), points, 6, 2, centroids, 2, kmeans.AssignOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Labels, a.Distances)
	// Output: [0 0 0 1 1 1] [2 5 5 8 5 5]
}

func ExampleSearch() {
	// Four groups of five points around the corners of a square.
	var x []float32
	for _, c := range [][2]float32{{0, 0}, {0, 10}, {10, 0}, {10, 10}} {
		for i := range 5 {
			x = append(x, c[0]+float32(i)/5, c[1]+float32(i*i%5)/5)
		}
	}
	r, err := kmeans.Search(context.Background(), x, 20, 2, kmeans.SearchOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("k = %d, or %d to %d; %d values tried\n", r.K, r.Low, r.High, len(r.Candidates))
	// Output: k = 4, or 4 to 4; 9 values tried
}

func ExampleSimplifiedSilhouette() {
	ctx := context.Background()
	r, err := kmeans.Fit(ctx, points, 6, 2, kmeans.Options{K: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := kmeans.SimplifiedSilhouette(ctx, points, 6, 2, r.Labels, r.Centroids, r.K, kmeans.ScoreOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", s)
	// Output: 0.93
}

func ExampleMiniBatchFit() {
	r, err := kmeans.MiniBatchFit(context.Background(), points, 6, 2, kmeans.MiniBatchOptions{K: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Labels[0] == r.Labels[1], r.Labels[0] == r.Labels[3])
	// Output: true false
}

func ExampleFitStream() {
	// Six rows of two numbers, as numpy's tofile writes them. An *os.File
	// takes the place of the reader.
	var file bytes.Buffer
	binary.Write(&file, binary.LittleEndian, points)
	src := kmeans.RawFile(bytes.NewReader(file.Bytes()), 6, 2)
	r, err := kmeans.FitStream(context.Background(), src, kmeans.Options{K: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d clusters, inertia %.3f\n", r.K, r.Inertia)
	// Output: 2 clusters, inertia 2.667
}
