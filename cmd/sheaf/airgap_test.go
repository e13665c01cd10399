//go:build linux

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sheaf/engine/onnx"
	"sheaf/internal/report"
	"sheaf/internal/testmodel"
)

// What an air-gapped machine gets: a model and the ONNX Runtime library are
// packed on one machine, unpacked on another that has neither and no network,
// and notes are grouped there.
func TestAirGap(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	for _, tool := range []string{"strace", "unshare", "ip"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed (Debian: strace, util-linux, iproute2)", tool)
		}
	}
	if out, err := exec.Command("unshare", "-r", "-n", "ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		t.Skipf("no network namespace can be made here: %v: %s", err, out)
	}
	here, there := t.TempDir(), t.TempDir()
	sheaf, model, packed := filepath.Join(here, "sheaf"), filepath.Join(here, "models", "tiny"), filepath.Join(here, "models.tar.zst")
	build(t, sheaf, ".")
	if err := testmodel.Small(testmodel.MPNet, "mean_tokens").Write(model); err != nil {
		t.Fatal(err)
	}
	args, backend := []string{"models", "pack", "-q", "tiny", "-o", packed}, "purego"
	if lib, err := onnx.FindLibrary(onnx.Search{}); err == nil {
		args, backend = append(args, "--library", lib.Path), "onnx"
	}
	cmd := exec.Command(sheaf, args...)
	cmd.Env = []string{"SHEAF_HOME=" + here}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	notes, err := filepath.Abs("../../examples/notes.txt")
	if err != nil {
		t.Fatal(err)
	}
	result := filepath.Join(there, "result.json")
	for _, args := range [][]string{
		{"models", "unpack", "-q", packed},
		{"models", "verify", "tiny"},
		{"notes", "-q", "--model", "tiny", "--labeler", "keywords", "-k", "7", "-o", result, "--format", "json", notes},
	} {
		if bad, dialled := watch(t, sheaf, args, []string{"SHEAF_HOME=" + there}, "", 0); len(bad) > 0 || dialled {
			t.Errorf("%v: %q, dialled %v", args, bad, dialled)
		}
	}
	raw, err := os.ReadFile(result)
	if err != nil {
		t.Fatal(err)
	}
	var r report.Result
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	if e := r.Manifest.Embedding; e.Backend != backend || e.Dim != 32 || r.Manifest.Counts.Clustered != 32 || len(r.Clusters) != 7 {
		t.Errorf("embedding %+v, counts %+v, %d clusters", e, r.Manifest.Counts, len(r.Clusters))
	}
}
