"""Times whole processes: alternating runs, medians, and what the machine is."""

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Builds are measured, and not what a registry has.
os.environ.setdefault("XTASK_BUILD", "1")


@dataclass
class Runs:
    """What repeated runs of one command took, in milliseconds."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.wall)

    def __str__(self) -> str:
        cpu = statistics.median(self.cpu)
        return f"median {self.median:.1f} ms, fastest {min(self.wall):.1f} ms, processor {cpu:.1f} ms"


@dataclass
class Figure:
    """One line of the table. `limit` is an upper bound of `value`; without one the line only informs."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    note: str = ""

    @property
    def held(self) -> bool:
        return self.limit is None or self.value <= self.limit

    def __str__(self) -> str:
        limit = "" if self.limit is None else f"<= {self.limit:g} {self.unit}"
        verdict = "" if self.limit is None else ("held" if self.held else "MISSED")
        return f"{self.name:<52} {self.value:>9.2f} {self.unit:<3} {limit:>12} {verdict:<7} {self.note}".rstrip()


def run(command: list, cwd: Path = ROOT, env: dict | None = None) -> str:
    """Runs a command that must succeed and returns what it wrote to stdout."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed in {cwd}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


def once(command: list, cwd: Path, env: dict | None, runs: Runs) -> None:
    """Runs a command that must succeed and adds its times."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    code = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ).returncode
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if code:
        sys.exit(f"{' '.join(map(str, command))} failed with {code} in {cwd}")
    runs.wall.append(wall * 1e3)
    runs.cpu.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3)


def alternate(commands: dict[str, list], rounds: int, cwd: Path, env: dict | None = None) -> dict[str, Runs]:
    """Runs all commands in turn, `rounds` times, so that what else the machine does meets all of them alike."""
    runs = {name: Runs() for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            once(command, cwd, env, runs[name])
    return runs


def machine() -> str:
    """One line on where the figures were measured, and how busy it was."""
    model = next(
        (line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return f"{len(os.sched_getaffinity(0))} × {model}, {memory:.0f} GiB, {platform.platform()}, load {load:.1f}"
