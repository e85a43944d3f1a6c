package main

import (
	"os"
	"path/filepath"
	"testing"
)

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestGoItselfIsLicensedWhereverItsLicenceLies(t *testing.T) {
	root, to := t.TempDir(), t.TempDir()
	if err := gatherGo(root, to); err == nil {
		t.Fatal("a toolchain without any licence passed")
	}
	put(t, filepath.Join(root, "src/vendor/golang.org/x/sys/LICENSE"), "carried along")
	check := func(expected string) {
		t.Helper()
		if err := gatherGo(root, to); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(filepath.Join(to, "LICENSE")); err != nil || string(text) != expected {
			t.Fatalf("%q %v, not %q", text, err, expected)
		}
	}
	check("carried along")
	put(t, filepath.Join(root, "LICENSE"), "its own")
	check("its own")
}
