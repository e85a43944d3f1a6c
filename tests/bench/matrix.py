"""What it costs to plan and key every published unit of a matrix as large as LocalAI's."""

import json
import os
import shutil
from pathlib import Path

from generate_matrix import DARWIN, LINUX, generate
from measure import ROOT, Figure, Runs, once, run
from nothing_to_do import GIT_STATUS, track


def units(xtask: Path, work: Path, rounds: int) -> list[Figure]:
    """`list --units`, whole process, in turn with an empty cache and with the one that this leaves."""
    tree, cache = work / "matrix", work / "matrix-cache"
    shutil.rmtree(tree, ignore_errors=True)
    files = generate(ROOT, tree)
    env = os.environ | {"XTASK_CACHE_DIR": str(cache)}
    command = [xtask, "list", "--units", "--json"]
    found = json.loads(run(command, tree, env))
    linux = sum(unit["platform"].startswith("linux/") for unit in found)
    assert (linux, len(found) - linux) == (LINUX, DARWIN), f"{linux} of {len(found)} units are for Linux"
    assert len({unit["key"] for unit in found if unit["key"]}) == LINUX, "two units have one key"
    track(tree)
    cold, warm, git = Runs(), Runs(), Runs()
    for _ in range(rounds):
        shutil.rmtree(cache)
        once(command, tree, env, cold)
        once(command, tree, env, warm)
        once(GIT_STATUS, tree, env, git)
    return [
        Figure(f"{len(found)} units in {files} files, empty cache", cold.median, "ms", 150, str(cold)),
        Figure("  again", warm.median, "ms", None, str(warm)),
        Figure("  again, over `git status` there", warm.median / git.median, "×", 2, str(git)),
    ]


def rows(xtask: Path, work: Path, rounds: int) -> list[Figure]:
    """`matrix --all --no-registry`, whole process, on as many units."""
    tree, cache = work / "matrix", work / "matrix-cache"
    shutil.rmtree(tree, ignore_errors=True)
    generate(ROOT, tree)
    env = os.environ | {"XTASK_CACHE_DIR": str(cache)}
    command = [xtask, "matrix", "--all", "--no-registry", "--format", "github"]
    outputs = dict(line.split("=", 1) for line in run(command, tree, env).splitlines())
    found = {key: len(json.loads(value)["include"]) for key, value in outputs.items() if key.startswith("matrix-")}
    darwin = found.pop("matrix-darwin")
    assert (sum(found.values()), darwin) == (LINUX, DARWIN), found
    whole, start = Runs(), Runs()
    for _ in range(rounds):
        once(command, tree, env, whole)
        once([xtask, "--version"], tree, env, start)
    return [
        Figure(f"matrix of {LINUX + DARWIN} rows, everything", whole.median, "ms", None, str(whole)),
        Figure("  over the start of a process", whole.median / start.median, "×", 2, str(start)),
    ]


def many(xtask: Path, work: Path, rounds: int, registry: str | None) -> list[Figure]:
    """Ten times as many units: `matrix --all` without a registry, and with one that is asked about each and has none."""
    tree, cache = work / "many", work / "many-cache"
    shutil.rmtree(tree, ignore_errors=True)
    generate(ROOT, tree, 10, 4)
    track(tree)
    env = os.environ | {"XTASK_CACHE_DIR": str(cache)}
    command = [xtask, "matrix", "--all", "--format", "json"]
    planned, asked = Runs(), Runs()
    asking = [*command, "--registry", registry, "--registry-timeout", "60"] if registry else None
    for _ in range(rounds):
        once([*command, "--no-registry"], tree, env, planned)
        if asking:
            once(asking, tree, env, asked)
    figures = [Figure(f"matrix of {10 * (LINUX + DARWIN)} units", planned.median / 1000, "s", 1, str(planned))]
    if asking:
        figures.append(Figure("  and asking the registry for each", asked.median / 1000, "s", 5, str(asked)))
    return figures
