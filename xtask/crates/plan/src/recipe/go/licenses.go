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
	paths := make([]string, 0, len(info.Deps))
	for _, module := range info.Deps {
		paths = append(paths, module.Path)
	}
	directories, err := locate(paths)
	if err != nil {
		return err
	}
	for at, path := range paths {
		if err := gather(directories[at], filepath.Join(out, filepath.FromSlash(path))); err != nil {
			return err
		}
	}
	return nil
}

// locate asks Go where the sources of modules lie: the module cache's path escapes and replacements are its own business.
func locate(modules []string) ([]string, error) {
	if len(modules) == 0 {
		return nil, nil
	}
	text, err := output("go", append([]string{"list", "-m", "-f", "{{.Dir}}"}, modules...)...)
	if err != nil {
		return nil, err
	}
	directories := strings.Split(text, "\n")
	if len(directories) != len(modules) {
		return nil, fmt.Errorf("`go list -m` says where %d of %d modules lie", len(directories), len(modules))
	}
	return directories, nil
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
