package pack_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"sheaf/models"
	"sheaf/models/pack"
)

// A model goes from one folder of models into another.
func Example() {
	ctx := context.Background()
	work, err := os.MkdirTemp("", "pack")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(work)
	dir := filepath.Join(work, "mine")
	if err := os.Mkdir(dir, 0o700); err != nil {
		fmt.Println(err)
		return
	}
	for name, content := range map[string]string{"config.json": "{}", "tokenizer.json": "{}", "model.onnx": "a graph"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			fmt.Println(err)
			return
		}
	}

	var file bytes.Buffer
	contents := pack.Contents{Models: []models.Model{{Name: "mine", Dir: dir}}}
	if err := pack.Write(ctx, &file, contents, nil); err != nil {
		fmt.Println(err)
		return
	}
	elsewhere := pack.Installer{Models: filepath.Join(work, "elsewhere")}
	result, err := elsewhere.Unpack(ctx, &file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Installed, models.Installed(elsewhere.Models))
	// Output:
	// [mine] [mine]
}
