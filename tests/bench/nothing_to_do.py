"""What a build costs that has nothing to do: one backend in 4,000 files, and 78 backends beside other tools."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from generate_tree import generate
from measure import ROOT, Figure, alternate, run

GIT_STATUS = ["git", "status", "--porcelain"]
PEERS = ["turbo", "@moonrepo/cli", "nx"]


def one(xtask: Path, work: Path, rounds: int) -> list[Figure]:
    """`build-backend llama-cpp` in a copy of this checkout with 4,000 files, all fillers being declared inputs."""
    tree = work / "checkout"
    files = run(["git", "ls-files", "-z"]).rstrip("\0").split("\0")
    if not tree.exists():
        for name in filter(lambda name: (ROOT / name).is_file(), files):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tree / name)
        for at in range(4000 - len(files)):
            file = tree / f"backend/cpp/llama-cpp/filler/{at % 60}/{at}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{at}\n")
    track(tree)
    command = [xtask, "build-backend", "llama-cpp"]
    run(command, tree)
    run(command, tree)
    times = alternate({"xtask": command, "git": GIT_STATUS, "start": [xtask, "--version"]}, rounds, tree)
    ours, git = times["xtask"].median, times["git"].median
    figures = [
        Figure("no-op llama-cpp, 4,000 files", ours, "ms", None, str(times["xtask"])),
        Figure("  of which starting a process", times["start"].median, "ms"),
        Figure("  over `git status` there", ours / git, "×", 1.2, str(times["git"])),
    ]
    return figures + instructions(command, tree)


def instructions(command: list, tree: Path) -> list[Figure]:
    """What callgrind counts, where it is installed: the figure that a noisy machine leaves alone."""
    if not shutil.which("valgrind"):
        return []
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    # Valgrind's environment is another one, so that the first answer in it is not given again.
    for _ in range(2):
        said = subprocess.run([str(part) for part in valgrind], cwd=tree, capture_output=True, text=True).stderr
    count = int(re.search(r"Collected : (\d+)", said)[1])
    return [Figure("  instructions", count / 1e6, "M", 10)]


def track(tree: Path) -> None:
    """Makes a repository of a tree, with all of it committed."""
    if not (tree / ".git").exists():
        git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@localhost"]
        run(["git", "init", "-q", "-b", "master"], tree)
        run(["git", "add", "-A"], tree)
        run([*git, "commit", "-q", "-m", "tree"], tree)


def cargo(rounds: int) -> list[Figure]:
    """What `cargo xtask` adds to the bare binary."""
    run(["cargo", "xtask", "list"])
    bare = ROOT / "target/xtask/debug/xtask"
    times = alternate({"cargo": ["cargo", "xtask", "list"], "bare": [bare, "list"]}, rounds, ROOT)
    return [Figure("cargo xtask over the bare binary", times["cargo"].median - times["bare"].median, "ms")]


def check(xtask: Path, rounds: int) -> list[Figure]:
    """`check` on this checkout, with all of its files in memory."""
    run([xtask, "check"])
    times = alternate({"check": [xtask, "check"]}, rounds, ROOT)["check"]
    return [Figure("check", times.median, "ms", 100, str(times))]


def all_backends(xtask: Path, work: Path, rounds: int, peers: bool) -> list[Figure]:
    """`build-backend --all` on the generated tree, beside turbo, moon and nx on the same files in the same rounds."""
    tree = work / "tree"
    if not tree.exists():
        print(f"generating {generate(ROOT, tree)} files and building 78 backends once; this takes minutes")
    command = [xtask, "build-backend", "--all"]
    run(command, tree)
    run(command, tree)
    track(tree)
    commands = {"xtask": command, "git": GIT_STATUS}
    if peers:
        commands |= install_peers(tree)
    env = os.environ | {"NX_DAEMON": "false", "TURBO_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1", "CI": ""}
    for name in list(commands):
        first = subprocess.run([str(c) for c in commands[name]], cwd=tree, env=env, capture_output=True, text=True)
        if first.returncode:
            print(f"{name} does not build the tree and is left out: {(first.stdout + first.stderr)[-400:]}")
            del commands[name]
    times = alternate(commands, rounds, tree, env)
    ours, git = times.pop("xtask"), times.pop("git")
    figures = [
        Figure("no-op --all, 78 backends, 3,000 files", ours.median, "ms", None, str(ours)),
        Figure("  over `git status` there", ours.median / git.median, "×", 1.2, str(git)),
    ]
    for name, runs in times.items():
        limit = 1 / 15 if name == "turbo" else None
        figures.append(Figure(f"  over {name} on the same tree", ours.median / runs.median, "×", limit, str(runs)))
    return figures


def install_peers(tree: Path) -> dict[str, list]:
    """The other tools, from their npm packages, into the tree's own `node_modules`."""
    binaries = tree / "node_modules/.bin"
    if not (binaries / "nx").exists():
        run(["npm", "install", "--no-audit", "--no-fund", "--save-dev", *PEERS], tree)
    return {
        "turbo": [binaries / "turbo", "run", "build"],
        "moon": [binaries / "moon", "run", ":build"],
        "nx": [binaries / "nx", "run-many", "-t", "build"],
    }
