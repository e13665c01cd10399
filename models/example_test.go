package models_test

import (
	"errors"
	"fmt"

	"sheaf/models"
)

// A model is found by name, or by the path of its folder.
func ExampleStore_Find() {
	store := models.Store{Home: "/nowhere"}
	m, err := store.Find("builtin")
	fmt.Println(m.Name, err)

	_, err = store.Find("no-such-model")
	var missing *models.NotFoundError
	if errors.As(err, &missing) {
		fmt.Println("there are:", missing.Installed)
	}
	// Output:
	// builtin <nil>
	// there are: [builtin]
}

// The catalogue knows models by name, by repository and by the name of a
// smaller variant.
func ExampleLookup() {
	entry, variant, ok := models.Lookup("all-MiniLM-L6-v2-int8")
	fmt.Println(entry.Repository, entry.Dims, variant.Precision, ok)
	// Output:
	// sentence-transformers/all-MiniLM-L6-v2 384 int8 true
}
