// Command protogen compiles backend.proto to Go without protoc: the compiler and both plugins are modules that go.sum
// pins, so the stubs depend on nothing that is installed on the machine but Go itself.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// The import path that the generated package gets; what `go_package` says is for other readers of the file.
const importPath = "local-store/internal/pb"

var plugins = []string{"protoc-gen-go", "protoc-gen-go-grpc"}

func main() {
	source := flag.String("proto", "", "the .proto file to compile")
	out := flag.String("out", "", "the directory that receives the Go files")
	flag.Parse()
	if err := run(*source, *out); err != nil {
		fmt.Fprintln(os.Stderr, "protogen:", err)
		os.Exit(1)
	}
}

func run(source, out string) error {
	if source == "" || out == "" {
		return errors.New("both -proto FILE and -out DIR are needed")
	}
	request, err := compile(source)
	if err != nil {
		return fmt.Errorf("compiling %s: %w", source, err)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, plugin := range plugins {
		if err := generate(plugin, request, out); err != nil {
			return fmt.Errorf("%s on %s: %w", plugin, source, err)
		}
	}
	return nil
}

// compile parses the file and wraps it as the request that a protoc plugin reads from its standard input.
func compile(source string) ([]byte, error) {
	name := filepath.Base(source)
	compiler := protocompile.Compiler{
		Resolver:       &protocompile.SourceResolver{ImportPaths: []string{filepath.Dir(source)}},
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	files, err := compiler.Compile(context.Background(), name)
	if err != nil {
		return nil, err
	}
	if imports := files[0].Imports(); imports.Len() > 0 {
		return nil, fmt.Errorf("it imports %s, but only a file without imports is supported", imports.Get(0).Path())
	}
	return proto.Marshal(&pluginpb.CodeGeneratorRequest{
		FileToGenerate: []string{name},
		Parameter:      proto.String(fmt.Sprintf("paths=source_relative,M%s=%s;pb", name, importPath)),
		ProtoFile:      []*descriptorpb.FileDescriptorProto{protodesc.ToFileDescriptorProto(files[0])},
	})
}

// generate runs one plugin and writes the files that it answers with.
func generate(plugin string, request []byte, out string) error {
	command := exec.Command("go", "tool", plugin)
	command.Stdin = bytes.NewReader(request)
	command.Stderr = os.Stderr
	answer, err := command.Output()
	if err != nil {
		return err
	}
	var response pluginpb.CodeGeneratorResponse
	if err := proto.Unmarshal(answer, &response); err != nil {
		return fmt.Errorf("reading the plugin's answer: %w", err)
	}
	if response.Error != nil {
		return errors.New(*response.Error)
	}
	for _, file := range response.File {
		path := filepath.Join(out, filepath.Base(file.GetName()))
		if err := os.WriteFile(path, []byte(file.GetContent()), 0o644); err != nil {
			return err
		}
	}
	return nil
}
