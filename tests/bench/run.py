#!/usr/bin/env python3
"""The figures that this project is held to. `run.py --help` lists them; nothing but Python's own library is needed.

What takes minutes once (checkouts, builds, other tools) is kept in `target/bench` and used again.
"""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

import building
import compiling
import filtering
import hashing
import matrix
import nothing_to_do
from measure import ROOT, Figure, machine, run

QUICK = ["noop", "all", "units", "matrix", "filter", "check", "cargo"]
FIGURES = [*QUICK, "many", "hash", "overhead", "ccache", "compile", "memory"]


def xtask() -> Path:
    """Builds xtask as developers do, and names the program."""
    lines = run(["cargo", "build", "--quiet", "--message-format", "json"]).splitlines()
    made = (json.loads(line).get("executable") for line in lines)
    return Path(next(path for path in made if path and Path(path).name == "xtask"))


def cache_dir() -> Path:
    """Where xtask keeps its cache, by its own rule."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("XTASK_CACHE_DIR") or home / "inference-backends").absolute()


def measure(name: str, options: argparse.Namespace) -> list[Figure]:
    work, rounds = options.work, options.rounds
    if name == "compile":
        return compiling.cold(work)
    if name == "hash":
        return hashing.store(work, "store: hashing and restoring")
    if name == "cargo":
        return nothing_to_do.cargo(rounds)
    binary = options.xtask or xtask()
    match name:
        case "noop":
            return nothing_to_do.one(binary, work, rounds)
        case "all":
            return nothing_to_do.all_backends(binary, work, rounds, not options.no_peers)
        case "check":
            return nothing_to_do.check(binary, rounds)
        case "units":
            return matrix.units(binary, work, rounds)
        case "matrix":
            return matrix.rows(binary, work, rounds)
        case "many":
            return matrix.many(binary, work, rounds, options.registry)
        case "filter":
            return filtering.reference(binary, work, rounds)
        case "overhead":
            return building.overhead(binary, ROOT, cache_dir(), work, options.builds)
        case "ccache":
            return building.compiler_cache(binary, ROOT, cache_dir(), work)
        case _:
            dry = [binary, "build-backend", "llama-cpp", "--dry-run"]
            commands = {"plan": [binary, "plan", "llama-cpp"], "dry run": dry}
            figures = compiling.memory(commands, ROOT)
            tree = work / "tree"
            if tree.exists():
                figures += compiling.memory({"--all, nothing to do": [binary, "build-backend", "--all"]}, tree)
                shutil.rmtree(tree / "target/backends", ignore_errors=True)
                figures += compiling.memory({"--all, all restored": [binary, "build-backend", "--all"]}, tree)
            return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"of {', '.join(FIGURES)}; all by default")
    parser.add_argument("--rounds", type=int, default=31, help="runs of each quick command")
    parser.add_argument("--builds", type=int, default=1, help="cold builds of each kind")
    parser.add_argument("--work", type=lambda p: Path(p).absolute(), default=ROOT / "target/bench")
    parser.add_argument("--xtask", type=lambda p: Path(p).absolute(), help="the program; built when not given")
    parser.add_argument("--registry", help="a repository that `many` asks, such as 127.0.0.1:5000/bench; without it nobody is asked")
    parser.add_argument("--no-peers", action="store_true", help="leave turbo, moon and nx out")
    options = parser.parse_args()
    if unknown := set(options.figures) - set(FIGURES):
        parser.error(f"there is no figure {', '.join(sorted(unknown))}")
    options.work.mkdir(parents=True, exist_ok=True)
    (options.work / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n")
    print(machine())
    missed = 0
    for name in options.figures or FIGURES:
        for figure in measure(name, options):
            print(figure, flush=True)
            missed += not figure.held
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
