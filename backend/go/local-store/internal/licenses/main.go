// Command licenses gathers the licence of Go and of each module that is linked into a Go binary.
package main

import (
	"debug/buildinfo"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
)

// The names under which modules keep what a distributor has to pass on.
var legal = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents|authors)([.-].*)?$`)

func main() {
	binary := flag.String("binary", "", "the Go binary to read")
	out := flag.String("out", "", "the directory that receives one directory for each module")
	flag.Parse()
	if err := run(*binary, *out); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

func run(binary, out string) error {
	if binary == "" || out == "" {
		return errors.New("both -binary FILE and -out DIR are needed")
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	root, err := goEnv("GOROOT")
	if err != nil {
		return err
	}
	if err := gatherGo(root, filepath.Join(out, "go")); err != nil {
		return err
	}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		directory, err := locate(module)
		if err != nil {
			return err
		}
		if err := gather(directory, filepath.Join(out, filepath.FromSlash(module.Path))); err != nil {
			return err
		}
	}
	return nil
}

// locate asks Go where a module's source lies; the module cache's path escapes are its own business.
func locate(module *debug.Module) (string, error) {
	return output("go", "list", "-m", "-f", "{{.Dir}}", module.Path)
}

func goEnv(name string) (string, error) { return output("go", "env", name) }

func output(name string, arguments ...string) (string, error) {
	command := exec.Command(name, arguments...)
	command.Stderr = os.Stderr
	text, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(command.Args, " "), err)
	}
	return strings.TrimSpace(string(text)), nil
}

// gatherGo copies Go's own licence. Toolchains that were packaged anew lack the files at their top; the modules that the
// standard library carries along are by the same authors under the same licence, word for word.
func gatherGo(root, to string) error {
	err := gather(root, to)
	if errors.Is(err, errNone) {
		return gather(filepath.Join(root, "src", "vendor", "golang.org", "x", "sys"), to)
	}
	return err
}

// errNone says that a source directory has no legal file.
var errNone = errors.New("no licence file")

// gather copies the legal files at the top of a source directory; a module without any is an error.
func gather(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	found := false
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !legal.MatchString(entry.Name()) {
			continue
		}
		found = true
		if err := os.MkdirAll(to, 0o755); err != nil {
			return err
		}
		text, err := os.ReadFile(filepath.Join(from, entry.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, entry.Name()), text, 0o644); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("%s: %w", from, errNone)
	}
	return nil
}
