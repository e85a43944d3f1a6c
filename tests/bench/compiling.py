"""What it costs to compile xtask itself, and how much memory it takes."""

import json
import os
import re
import resource
import shutil
import subprocess
import time
from pathlib import Path

from measure import ROOT, Figure, run


def cold(work: Path) -> list[Figure]:
    """An empty target directory, crates downloaded before; then what each dependency took."""
    run(["cargo", "fetch", "--locked", "--quiet"])
    target = work / "cold"
    shutil.rmtree(target, ignore_errors=True)
    env = os.environ | {"CARGO_TARGET_DIR": str(target), "CARGO_BUILD_BUILD_DIR": str(target)}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run(["cargo", "build", "--locked", "--offline", "--timings"], ROOT, env)
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figures = [Figure("cold compile of xtask, dev profile", took, "s", 60), Figure("  processor", cpu, "s")]
    page = (target / "cargo-timings/cargo-timing.html").read_text()
    units = json.loads(re.search(r"UNIT_DATA = (\[.*?\]);", page, re.DOTALL)[1])
    cost: dict[str, float] = {}
    for unit in units:
        cost[unit["name"]] = cost.get(unit["name"], 0) + unit["duration"]
    whole = sum(cost.values())
    for name, seconds in sorted(cost.items(), key=lambda item: -item[1])[:20]:
        figures.append(Figure(f"  {name}", seconds, "s", None, f"{100 * seconds / whole:.0f} % of all units"))
    shutil.rmtree(target)
    return figures


def memory(commands: dict[str, list], cwd: Path) -> list[Figure]:
    """The largest resident size of xtask itself, children aside. Linux counts this Python too until it is replaced, so
    that no less than some 20 MiB is ever shown."""
    figures = []
    for name, command in commands.items():
        child = subprocess.Popen(
            [str(part) for part in command], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        note = "" if child.returncode == 0 else f"failed with {child.returncode}"
        figures.append(Figure(f"peak memory, {name}", usage.ru_maxrss / 1024, "MiB", 60, note))
    return figures
