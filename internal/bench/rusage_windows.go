package bench

// Usage is not known here.
func Usage() (cpu float64, peak int64) { return 0, 0 }
