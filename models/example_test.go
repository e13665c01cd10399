package models_test

import (
	"errors"
	"fmt"

	"sheaf/models"
)

// A model is found by name, or by the path of its folder.
func ExampleFind() {
	m, err := models.Find("builtin", "/nowhere")
	fmt.Println(m.Name, err)

	_, err = models.Find("no-such-model", "/nowhere")
	var missing *models.NotFoundError
	if errors.As(err, &missing) {
		fmt.Println("there are:", missing.Installed)
	}
	// Output:
	// builtin <nil>
	// there are: [builtin]
}
