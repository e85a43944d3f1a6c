"""Writes a checkout of 78 small backends and some 3,000 files, which xtask, turbo, moon and nx can all build."""

import hashlib
import json
import random
import shutil
import sys
from pathlib import Path

BACKENDS = 78
FILES = 38
FILE_BYTES = 12_000
PIN = "tiny"
SCHEMA = "# yaml-language-server: $schema={}docs/schemas/{}.schema.json\n\n"

CMAKE = """cmake_minimum_required(VERSION 3.22)
project(server C)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
include_directories("${TINY_DIR}")
add_executable(server main.c)
"""
C = '#include <stdio.h>\n#include "tiny.h"\nint main(void) { return puts(TINY "%s") < 0; }\n'
GO = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("%s") }\n'


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def shared(repository: Path, root: Path) -> None:
    """What every checkout has. The variant table is the repository's own."""
    for name in ["LICENSE", "backend/variants.yaml", "backend/backend.proto"]:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(repository / name, root / name)
    for schema in ["backend", "sources", "variants"]:
        write(root / f"docs/schemas/{schema}.schema.json", "{}\n")
    write(root / "backend/sources.yaml", sources(repository, root))


def generate(repository: Path, root: Path) -> int:
    """Writes the tree into `root` and returns how many files it has."""
    noise = random.Random(1)
    shared(repository, root)
    for index in range(BACKENDS):
        backend(root, index, noise)
    node(root)
    return sum(1 for path in root.rglob("*") if path.is_file())


def sources(repository: Path, root: Path) -> str:
    """The one pin: a directory of the tree. Its upstream is never asked, since the mirror has the files."""
    files = {"LICENSE": "MIT\n", "tiny.h": '#define TINY "tiny "\n'}
    tree = hashlib.sha256(b"xtask source tree v1\n")
    for name, text in sorted(files.items()):
        write(root / "vendor/tiny" / name, text)
        tree.update(f"f {hashlib.sha256(text.encode()).hexdigest()} {name}\0".encode())
    programs = (repository / "backend/sources.yaml").read_text().split("\nprograms:\n", 1)[1]
    return SCHEMA.format("../", "sources") + (
        f"sources:\n  {PIN}:\n    version: '1'\n    upstream:\n      git:\n"
        f"        url: https://example.invalid/tiny\n        commit: {'0' * 40}\n    tree: {tree.hexdigest()}\n"
        "    mirrors:\n      - path: vendor/tiny\n    license: MIT\n    license-files: [LICENSE]\n"
        f"\nprograms:\n{programs}"
    )


def backend(root: Path, index: int, noise: random.Random) -> None:
    language = "cpp" if index % 2 else "go"
    name = f"backend-{index:02}"
    place = f"backend/{language}/{name}"
    home = root / place
    own = (
        {"CMakeLists.txt": CMAKE, "main.c": C % name}
        if language == "cpp"
        else {"main.go": GO % name, "go.mod": f"module {name}\n\ngo 1.21\n"}
    )
    own["backend.yaml"] = manifest(name, place, language)
    own["package.json"] = json.dumps(
        {"name": name, "version": "1.0.0", "scripts": {"build": "mkdir -p dist && cat backend.yaml > dist/out"}}
    )
    for path, text in own.items():
        write(home / path, text)
    for at in range(FILES - len(own)):
        write(home / f"data/part{at % 4}/file{at}.txt", noise.randbytes(FILE_BYTES // 2).hex())


def manifest(name: str, place: str, language: str) -> str:
    recipe = (
        f"sources: [{PIN}]\n\ncmake:\n  source: {PIN}\n  source-variable: TINY_DIR\n  target: server\n"
        "  default-flavors: [fallback]\n  published-flavors: [fallback]\n"
        if language == "cpp"
        else "go:\n  package: .\n"
    )
    return SCHEMA.format("../../../", "backend") + (
        f"name: {name}\ndescription: A generated backend\nlicense: MIT\ntask: generate\n\n"
        f"inputs:\n  include:\n    - backend/backend.proto\n    - {place}/**\n  exclude:\n    - {place}/backend.yaml\n"
        f"    - {place}/dist/**\n    - {place}/**/*.md\n\n"
        "variants:\n  cpu: [linux/amd64, linux/arm64]\n  cuda-12: [linux/amd64]\n  vulkan: [linux/amd64]\n"
        f"  metal: [darwin/arm64]\n\n{recipe}"
    )


def node(root: Path) -> None:
    """What turbo, moon and nx want to see; each takes every backend as one package with a cached task `build`."""
    places = ["backend/cpp/*", "backend/go/*"]
    package = {"name": "tree", "private": True, "packageManager": "npm@10.0.0", "workspaces": places}
    write(root / "package.json", json.dumps(package))
    write(root / "turbo.json", json.dumps({"tasks": {"build": {"outputs": ["dist/**"]}}}))
    cached = {"cache": True, "outputs": ["{projectRoot}/dist"]}
    write(root / "nx.json", json.dumps({"targetDefaults": {"build": cached}, "analytics": False}))
    write(root / ".moon/workspace.yml", f"projects: {json.dumps(places)}\nvcs:\n  defaultBranch: master\n")
    write(root / ".moon/toolchain.yml", "{}\n")
    task = "tasks:\n  build:\n    command: sh -c 'mkdir -p dist && cat backend.yaml > dist/out'\n"
    task += "    inputs: ['**/*', '!dist/**']\n    outputs: [dist]\n    toolchain: system\n"
    write(root / ".moon/tasks/all.yml", task)
    write(root / ".gitignore", "/target\nnode_modules\ndist\n.turbo\n.nx\n.moon/cache\n")


if __name__ == "__main__":
    repository = Path(__file__).resolve().parents[2]
    print(generate(repository, Path(sys.argv[1])), "files")
