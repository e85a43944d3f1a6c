"""What builds cost: our overhead over cmake and ninja by hand, and what the compiler cache saves."""

import json
import os
import re
import shutil
import statistics
import time
from pathlib import Path

from measure import Figure, run


def build(xtask: Path, tree: Path, cache: Path, *options: str) -> tuple[float, dict]:
    """Builds llama-cpp anew, compiler cache aside; seconds, and what was said of the unit."""
    env = os.environ | {"XTASK_CACHE_DIR": str(cache)}
    command = [xtask, "build-backend", "llama-cpp", "--no-cache", "--message-format", "json", *options]
    began = time.perf_counter()
    lines = run(command, tree, env).splitlines()
    took = time.perf_counter() - began
    events = [json.loads(line) for line in lines if line.startswith("{")]
    return took, next(event for event in events if event.get("event") == "unit")


def by_hand(xtask: Path, tree: Path, cache: Path, work: Path, *options: str) -> float:
    """The same cmake and ninja commands, as the plan has them, without us; seconds."""
    env = os.environ | {"XTASK_CACHE_DIR": str(cache)}
    plan = json.loads(run([xtask, "plan", "llama-cpp", "--json", *options], tree, env))
    # The same ninja, which may be one that only xtask's builds see.
    env["PATH"] = f"{cache / 'v1/scratch/tools/bin'}:{env['PATH']}"
    shutil.rmtree(work, ignore_errors=True)
    (work / "src").mkdir(parents=True)
    shutil.copytree(tree / "backend", work / "src/backend")
    # The pin's directory ends in its checksum; the build before this one has used the newest.
    sources = (cache / "v1/scratch/sources").glob("llama.cpp-*/include/llama.h")
    source = max(sources, key=lambda header: header.parent.parent.stat().st_atime).parent.parent

    def text(argument: str) -> str:
        argument = argument.replace("${source:llama.cpp}", str(source)).replace("${out}", str(work / "out"))
        # One flavor is built, so that there is one build directory.
        return re.sub(r"\$\{build:[^}]*\}", str(work), argument)

    began = time.perf_counter()
    for step in plan["steps"]:
        if step["do"] == "run":
            run([step["cmd"]["program"], *map(text, step["cmd"]["args"])], work, env)
    return time.perf_counter() - began


def overhead(xtask: Path, tree: Path, cache: Path, work: Path, rounds: int) -> list[Figure]:
    """Cold builds without a compiler cache, ours and by hand in turn. Takes many minutes a round."""
    options = ["--flavor", "fallback", "--compiler-cache", "off"]
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(build(xtask, tree, cache, *options)[0])
        theirs.append(by_hand(xtask, tree, cache, work / "by-hand", *options))
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    note = f"ours {ours:.1f} s, by hand {theirs:.1f} s"
    return [Figure("cold build, over cmake and ninja by hand", ours / theirs, "×", 1.02, note)]


def compiler_cache(xtask: Path, tree: Path, cache: Path, work: Path) -> list[Figure]:
    """Builds, then builds again in a copy of the checkout at another depth, then another flavor."""
    build(xtask, tree, cache, "--flavor", "fallback")
    other = work / "elsewhere/at/another/depth"
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(tree, other, ignore=shutil.ignore_patterns("target", ".git"))
    _, again = build(xtask, other, cache, "--flavor", "fallback")
    _, grpc = build(xtask, other, cache, "--flavor", "grpc")
    figures = []
    for name, hits, direct, limit in [
        ("misses of a rebuild at another path", again["ccache"], True, 0.0),
        ("misses of grpc after fallback", grpc["ccache"], False, 4.0),
    ]:
        total = hits["direct"] + hits["preprocessed"] + hits["miss"]
        good = hits["direct"] if direct else hits["direct"] + hits["preprocessed"]
        note = f"{hits['direct']} direct, {hits['preprocessed']} preprocessed, {hits['miss']} compiled"
        figures.append(Figure(name, 100 * (total - good) / max(total, 1), "%", limit, note))
    return figures
