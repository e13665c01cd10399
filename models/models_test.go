package models

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestFind(t *testing.T) {
	t.Setenv("HF_HUB_CACHE", t.TempDir())
	home, here := t.TempDir(), t.TempDir()
	for _, dir := range []string{filepath.Join(home, "small"), filepath.Join(home, "org", "large"), filepath.Join(here, "local")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(home, "org", "large", "1_Pooling"), os.DirFS(filepath.Join(here, "local"))); err != nil {
		t.Fatal(err)
	}
	t.Chdir(here)
	for _, tt := range []struct{ name, dir string }{
		{"", ""}, {"builtin", ""}, {"small", filepath.Join(home, "small")},
		{"org/large", filepath.Join(home, "org", "large")}, {"local", "local"}, {filepath.Join(here, "local"), filepath.Join(here, "local")},
	} {
		if got, err := Find(tt.name, home); err != nil || got.Dir != tt.dir {
			t.Errorf("Find(%q) = %+v, %v; want the folder %q", tt.name, got, err, tt.dir)
		}
	}
	for _, name := range []string{"nowhere", "../small", "/no/such"} {
		_, err := Find(name, home)
		var nf *NotFoundError
		if !errors.As(err, &nf) || !slices.Equal(nf.Installed, []string{"builtin", "org/large", "small"}) {
			t.Errorf("Find(%q) = %v, want a NotFoundError that lists what there is", name, err)
		}
	}
	if got := Installed(filepath.Join(home, "not there")); got != nil {
		t.Errorf("Installed of no folder = %q", got)
	}
}

func TestHome(t *testing.T) {
	abs := t.TempDir()
	for _, tt := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"SHEAF_HOME": "s", "XDG_DATA_HOME": abs, "HOME": "h"}, filepath.Join("s", "models")},
		{map[string]string{"XDG_DATA_HOME": abs, "HOME": "h"}, filepath.Join(abs, "sheaf", "models")},
		{map[string]string{"XDG_DATA_HOME": "relative", "HOME": "h"}, filepath.Join("h", ".local", "share", "sheaf", "models")},
	} {
		if got, err := Home(func(k string) string { return tt.env[k] }); err != nil || got != tt.want {
			t.Errorf("Home(%v) = %q, %v; want %q", tt.env, got, err, tt.want)
		}
	}
	if _, err := Home(func(string) string { return "" }); err == nil {
		t.Error("Home without an environment gave no error")
	}
}
