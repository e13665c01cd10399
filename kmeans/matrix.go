package kmeans

import (
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"
)

// A Matrix is a view of rows in float32, row after row: gonum's mat takes it
// for a mat.Matrix, blas32 by General, and neither copies it.
type Matrix struct {
	Rows, Cols int
	Data       []float32 // of length Rows·Cols
}

var _ mat.Matrix = Matrix{}

// MatrixOf views General g. It panics where rows of g do not follow one
// another without a gap.
func MatrixOf(g blas32.General) Matrix {
	if g.Rows > 1 && g.Stride != g.Cols {
		panic("kmeans: rows of a General with gaps between them")
	}
	return Matrix{g.Rows, g.Cols, g.Data[:g.Rows*g.Cols]}
}

// CentroidMatrix views the centroids of r, K×d.
func (r *Result) CentroidMatrix() Matrix {
	return Matrix{r.K, len(r.Centroids) / r.K, r.Centroids}
}

// Row is a view of row i.
func (m Matrix) Row(i int) []float32 { return m.Data[i*m.Cols : (i+1)*m.Cols : (i+1)*m.Cols] }

// General is m as blas32 takes it. It shares m's numbers.
func (m Matrix) General() blas32.General {
	return blas32.General{Rows: m.Rows, Cols: m.Cols, Stride: m.Cols, Data: m.Data}
}

// Dims returns the number of rows and columns.
func (m Matrix) Dims() (rows, cols int) { return m.Rows, m.Cols }

// At returns the number in row i and column j.
func (m Matrix) At(i, j int) float64 {
	if uint(i) >= uint(m.Rows) || uint(j) >= uint(m.Cols) {
		panic(mat.ErrIndexOutOfRange)
	}
	return float64(m.Data[i*m.Cols+j])
}

// T is a view of the transpose.
func (m Matrix) T() mat.Matrix { return mat.Transpose{Matrix: m} }
