"""What the builds of LocalAI's images read, found without the rules files: the yardstick of the replay.

It looks at what Dockerfiles, package scripts and Go files themselves name. `level 1` is every file that a build reads;
an edit of one of them may still be harmless to a build, and `harmless` says why, so that it can be counted.
"""

import re
from functools import cache
from typing import NamedTuple

from clone import NOTHING, Clone

PYTHON, GO, RUST, CPP = "python", "go", "rust", "cpp"
FORKS = {"turboquant", "bonsai"}
ENGINE = "backend/cpp/llama-cpp/"
COMMON = "backend/python/common/"
PROTO = "backend/backend.proto"
MATRIX = ".github/backend-matrix.yml"
GPU = "scripts/build/package-gpu-libs.sh"
# The build types for which that script does anything.
GPUS = ("cublas", "l4t", "hipblas", "sycl", "intel", "vulkan")
LOCAL = "github.com/mudler/LocalAI/"
# What every server that speaks gRPC is linked with; the modules that Go files import come on top.
GRPC = {
    "google.golang.org/grpc",
    "google.golang.org/protobuf",
    "google.golang.org/genproto/googleapis/rpc",
    "golang.org/x/net",
    "golang.org/x/sys",
    "golang.org/x/text",
}
# Fields of a matrix entry that reach no build: where it runs, and which tags move.
UNREAD = {"runs-on", "tag-latest"}
ASIDE = re.compile(
    r"(^|/)(tests?|testdata|docs|template)/|\.md$|_c?test\.\w+$|(^|/)test\.(py|sh)$|(^|/)test_\w+\.py$|(^|/)\.gitignore$"
)
IMPORT = re.compile(r'^\s*(?:import\s+)?(?:[\w.]+\s+)?"([^"\s]+)"\s*$', re.M)
PROFILES = re.compile(r"requirements-(cpu|cublas|l4t|hipblas|intel|vulkan|mps|sycl)")
COMMENTS = {
    "#": re.compile(r"\.(sh|py|txt|cmake|yml|yaml|toml)$|(^|/)(Makefile|CMakeLists\.txt)$|(^|/)Dockerfile[^/]*$"),
    "//": re.compile(r"\.(go|c|cc|cpp|h|hpp|rs|proto|cu|mm)$"),
}


def language(entry: dict, darwin: bool) -> str:
    """What an entry's backend is written in."""
    if darwin:
        if entry["backend"] in {"llama-cpp", "ds4", "privacy-filter", "audio-cpp"}:
            return CPP
        return {"go": GO, "rust": RUST}.get(entry.get("lang"), PYTHON)
    name = entry["dockerfile"].rsplit(".", 1)[-1]
    return {"python": PYTHON, "golang": GO, "rust": RUST}.get(name, CPP)


def home(entry: dict, darwin: bool) -> str:
    """The directory of an entry's own sources."""
    kind = language(entry, darwin)
    name = entry["backend"]
    if kind == CPP and not darwin:
        name = entry["dockerfile"].rsplit("Dockerfile.", 1)[-1]
        if name.startswith(("parakeet", "ced", "moss", "magpie", "nemo", "trellis")):
            kind = GO
    return f"backend/{kind}/{name}/"


def requirements(entry: dict) -> set[str]:
    """Names of the requirement files that a Python build looks at."""
    kind = entry.get("build-type") or ""
    major = str(entry.get("cuda-major-version") or "")
    intel = "oneapi" in str(entry.get("base-image", ""))
    if kind in {"cublas", "l4t"}:
        profile = kind + major
    else:
        profile = "intel" if intel else kind or "cpu"
    names = ["install", None, kind, "after"]
    if kind != profile:
        names += [profile, f"{profile}-after"]
    if not kind:
        names.append("cpu")
    return {f"requirements-{name}.txt" if name is not None else "requirements.txt" for name in names}


class Build(NamedTuple):
    """What tells which files an entry's build reads."""

    backend: str
    kind: str
    own: str
    # The Dockerfile; none on Darwin.
    docker: str | None


def build(entry: dict, darwin: bool) -> Build:
    docker = None if darwin else entry["dockerfile"].removeprefix("./")
    return Build(entry["backend"], language(entry, darwin), home(entry, darwin), docker)


class Inputs:
    """What entries read in one revision; `tree` is that revision's and is kept up to date from outside."""

    def __init__(self, clone: Clone, tree: dict[str, str]):
        self.clone, self.tree = clone, tree
        self.bare = cache(lambda blob, mark: uncommented(clone.text(blob), mark))
        self.words = cache(lambda text: frozenset(re.findall(r"[\w.+-]+", text)))
        self.imports = cache(lambda blob: IMPORT.findall(clone.text(blob)))
        self.revision()

    def revision(self) -> None:
        """Forgets what was found out: the tree has changed."""
        # By directory, and by the first three parts: the directory of one backend.
        self.below: dict[str, list[str]] = {}
        self.home: dict[str, list[str]] = {}
        for path in self.tree:
            self.below.setdefault(path.rsplit("/", 1)[0] + "/", []).append(path)
            self.home.setdefault("/".join(path.split("/", 3)[:3]) + "/", []).append(path)
        known = (path for path in self.tree if path.startswith((".docker/", "scripts/")))
        self.known = {path.rsplit("/", 1)[1]: path for path in known if not ASIDE.search(path)}
        self.reads = cache(self._reads)
        self.scripts = cache(self._scripts)
        self.packages = cache(self._packages)

    def read_by(self, builds: set[Build], paths: list[str]) -> dict[Build, set[str]]:
        """Which of the files each build reads."""
        return {build: {path for path in paths if self.reads(build, path)} for build in builds}

    def _reads(self, build: Build, path: str) -> bool:
        """Level 1: whether a build reads the file."""
        backend, kind, own, docker = build
        if ASIDE.search(path):
            return False
        if path.startswith(own) or path in {PROTO, docker}:
            return True
        if backend in FORKS and path.startswith(ENGINE):
            return True
        if kind == PYTHON and path.startswith(COMMON):
            return True
        if kind == GO and path.endswith((".go", "go.mod")):
            packages, _ = self.packages(own)
            return path == "go.mod" or path.rsplit("/", 1)[0] + "/" in packages
        if path.startswith((".docker/", "scripts/")):
            return path in self.scripts(build)
        return False

    def _scripts(self, build: Build) -> set[str]:
        """Scripts that a build runs: named by its Dockerfile or its own files, and by what these name."""
        start = build.docker or darwin_script(build.kind, build.backend)
        found, todo = {start} & set(self.known.values()), [start]
        # Linux builds of Python see their own directory only where the Dockerfile copies it, and no script beside it.
        if not (build.docker and build.kind == PYTHON):
            own = self.home.get(build.own, []) + (self.home.get(ENGINE, []) if build.backend in FORKS else [])
            todo += [path for path in own if path.endswith((".sh", "Makefile"))]
        while todo:
            text = self.bare(self.tree.get(todo.pop(), NOTHING), "#")
            named = {self.known[word] for word in self.words(text) if word in self.known}
            if build.docker:
                named = {path for path in named if not path.endswith("-darwin.sh")}
            todo += named - found
            found |= named
        return found

    def _packages(self, own: str) -> tuple[set[str], set[str]]:
        """Directories of this repository that a Go backend is compiled from, and what it imports from elsewhere."""
        seen = {path.rsplit("/", 1)[0] + "/" for path in self.home.get(own, [])}
        todo, foreign = list(seen), set()
        while todo:
            for path in self.below.get(todo.pop(), []):
                if not path.endswith(".go") or path.endswith("_test.go"):
                    continue
                for name in self.imports(self.tree[path]):
                    local = name.removeprefix(LOCAL)
                    if local != name:
                        directory = local + "/"
                        if directory not in seen:
                            seen.add(directory)
                            todo.append(directory)
                    elif "." in name.split("/")[0]:
                        foreign.add(name)
        return seen, foreign

    def text(self, path: str) -> str:
        return self.clone.text(self.tree.get(path, NOTHING))

    def harmless(self, entry: dict, darwin: bool, path: str, before: str, after: str) -> str | None:
        """Why an edit of a file that the build reads changes nothing for this build; none if it does."""
        name = path.rsplit("/", 1)[-1]
        own, kind = home(entry, darwin), language(entry, darwin)
        if path == PROTO:
            return "only adds to the contract" if self.is_additive(before, after) else None
        if path == "go.mod":
            modules = changed_modules(self.clone.text(before), self.clone.text(after))
            _, foreign = self.packages(own)
            uses = lambda module: module in GRPC or any((name + "/").startswith(module + "/") for name in foreign)
            return None if any(uses(module) for module in modules) else "Go modules of other programs"
        if before != NOTHING and after != NOTHING:
            for mark, files in COMMENTS.items():
                if files.search(path) and self.bare(before, mark) == self.bare(after, mark):
                    return "comments"
        if name.startswith("requirements") and name.endswith(".txt") and path.startswith(own):
            others = [other for other in self.below.get(own, []) if other.endswith((".sh", "Makefile"))]
            texts = [self.bare(self.tree[other], "#") for other in others]
            # What a script does with the file of a profile, it does in builds of that profile.
            by_name = not PROFILES.match(name) and any(name in text for text in texts)
            if name not in requirements(entry) and not by_name:
                return "requirements of another profile"
        if entry["backend"] in FORKS and path.startswith(ENGINE) and not own.startswith(ENGINE):
            if path.startswith(ENGINE + "patches/"):
                return "the fork's own version and patches"
            strip = lambda blob: re.sub(r"^LLAMA_VERSION\?=.*$", "", self.clone.text(blob), flags=re.M)
            if name == "Makefile" and strip(before) == strip(after):
                return "the fork's own version and patches"
        if path == GPU and not (entry.get("build-type") or "").startswith(GPUS):
            return "packages of GPU libraries only"
        return None

    def is_additive(self, before: str, after: str) -> bool:
        """Whether every line of the old contract stands in the new one; one that is new is no addition."""
        if before == NOTHING:
            return False
        old, new = (set(self.bare(blob, "//").split("\n")) for blob in (before, after))
        return {" ".join(line.split()) for line in old} <= {" ".join(line.split()) for line in new}


def darwin_script(kind: str, backend: str) -> str:
    name = {PYTHON: "python", GO: "golang", RUST: "rust"}.get(kind, backend)
    return f"scripts/build/{name}-darwin.sh"


def uncommented(text: str, mark: str) -> str:
    lines = (line.split(f" {mark}")[0].rstrip() if mark == "//" else line.rstrip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line and not line.lstrip().startswith(mark))


def changed_modules(before: str, after: str) -> set[str]:
    """Modules whose version differs between two go.mod files; the language's own version counts as gRPC's."""
    def read(text: str) -> dict[str, str]:
        found = {}
        for line in text.split("\n"):
            words = line.split("//")[0].replace("require", "").split()
            if len(words) == 2 and words[0] in {"go", "toolchain"}:
                found["google.golang.org/grpc go"] = words[1]
            elif len(words) == 2 and words[1].startswith("v"):
                found[words[0]] = words[1]
            elif "=>" in words:
                found[words[words.index("replace") + 1 if "replace" in words else 0]] = line
        return found

    old, new = read(before), read(after)
    names = {name for name in old | new if old.get(name) != new.get(name)}
    return {"google.golang.org/grpc" if name.endswith(" go") else name for name in names}
