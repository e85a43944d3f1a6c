#!/usr/bin/env python3
"""Simulates hosted runners over the pushes to LocalAI: what its own filter makes them do, and what keys would.

    tests/bench/fleet.py CLONE [COUNT] [--runners 10,100,1000] [--units 519,5190] [--durations FILE]

CLONE and COUNT are those of replay.py, and so are the selections: LocalAI's filter builds what a push touches, all on tags
and Sundays; ours builds what it touches and no result is there for. Every build is a job of its own. Jobs start in the order
of their pushes on whichever runner is free first, and none is cancelled. DURATIONS is JSON, minutes by tag suffix; without it
they follow from language and build type (MINUTES), as bytes do (MEGABYTES). More units than there are rows are copies of
them: a push that touches one touches its copies.
"""

import argparse
import heapq
import json
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

from clone import Clone
from inputs import MATRIX
from replay import Answers, crons, push_event

# By language, then by build type: given figures, for want of measured ones. A C++ image compiles for every processor.
MINUTES = {
    "cpp": {"": 25, "cublas": 75, "hipblas": 90, "vulkan": 30},
    "python": {"": 12},
    "go": {"": 8, "cublas": 35},
    "rust": {"": 15},
}
MEGABYTES = {
    "cpp": {"": 120, "cublas": 1800, "hipblas": 3500},
    "python": {"": 900, "cublas": 4500, "hipblas": 6000},
    "go": {"": 60, "cublas": 1500},
    "rust": {"": 40},
}
HOUR = 3600


@dataclass
class Wave:
    """The jobs of one push, tag or Sunday."""

    time: float
    # Seconds and bytes of each.
    jobs: list[tuple[float, float]]


def kind(row: dict) -> tuple[str, str]:
    dockerfile = row.get("dockerfile") or ""
    language = {"golang": "go", "python": "python", "rust": "rust"}.get(dockerfile.rsplit(".", 1)[-1])
    return language or row.get("lang") or "cpp", row.get("build-type") or ""


def of_kind(table: dict, row: dict) -> float:
    language, build_type = kind(row)
    figures = table.get(language, table["cpp"])
    return figures.get(build_type, figures[""])


class Costs:
    """What a build takes."""

    def __init__(self, durations: Path | None):
        self.known = json.loads(durations.read_text()) if durations else {}

    def job(self, row: dict) -> tuple[float, float]:
        minutes = self.known.get(row.get("tag-suffix")) or of_kind(MINUTES, row)
        return 60.0 * minutes, 1e6 * of_kind(MEGABYTES, row)


def numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def pair(values: list[float]) -> str:
    """The median and what nine of ten are below, in hours."""
    if not values:
        return "–"
    high = statistics.quantiles([*values, values[-1]], n=10)[-1]
    return " ".join(f"{value / HOUR:7.1f}" for value in (statistics.median(values), high))


def waves(clone: Clone, head: str, count: int, costs: Costs) -> tuple[int, dict[str, list[Wave]]]:
    """How many rows there are at the end, and what each filter has built, in the order of time."""
    pushes, tags = clone.pushes(head, count), clone.tags()
    sundays = crons(pushes)
    events: list = [{"start": {"matrix": clone.text(f"{pushes[0].parent}:{MATRIX}")}}]
    for push in pushes:
        if push.commit in sundays:
            events.append("cron")
        events.append(push_event(clone, push))
    answers = iter(Answers(events).lines)
    rows = next(answers)["start"]["rows"]
    theirs, ours = [], []

    def jobs(positions) -> list[tuple[float, float]]:
        return [costs.job(rows[at]) for at in positions]

    for push in pushes:
        if push.commit in sundays:
            # What ours builds on Sundays is what floats: how many is known, which is not.
            floating = next(answers)["cron"]["built"]
            theirs.append(Wave(push.time, jobs(range(len(rows)))))
            ours.append(Wave(push.time, jobs(range(min(floating, len(rows))))))
        answer = next(answers)["push"]
        if answer["rows"] is not None:
            rows = answer["rows"]
        theirs.append(Wave(push.time, jobs(answer["theirs"])))
        ours.append(Wave(push.time, jobs(answer["built"])))
        if push.commit in tags:
            theirs.append(Wave(push.time, jobs(range(len(rows)))))
    return len(rows), {"LocalAI's filter": theirs, "by keys": ours}


@dataclass
class Run:
    """What became of all waves on some runners."""

    waits: list[float]
    green: list[float]
    busy: float
    moved: float


def simulate(all_waves: list[Wave], runners: int, copies: float) -> Run:
    free = [0.0] * runners
    run = Run([], [], 0.0, 0.0)
    for wave in all_waves:
        end = wave.time
        # As many copies of the list as asked for, the last one in part.
        whole, rest = divmod(round(len(wave.jobs) * copies), max(len(wave.jobs), 1))
        for seconds, size in wave.jobs * whole + wave.jobs[:rest]:
            start = max(wave.time, free[0])
            heapq.heapreplace(free, start + seconds)
            run.waits.append(start - wave.time)
            run.busy += seconds
            run.moved += size
            end = max(end, start + seconds)
        if wave.jobs:
            run.green.append(end - wave.time)
    return run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clone", type=Path, help="a clone of LocalAI")
    parser.add_argument("count", type=int, nargs="?", default=400, help="commits to replay (400)")
    parser.add_argument("--head", default="HEAD", help="the newest commit (HEAD)")
    parser.add_argument("--runners", type=numbers, default=[10, 100, 1000])
    parser.add_argument("--units", type=numbers, default=[500, 5000])
    parser.add_argument("--durations", type=Path)
    options = parser.parse_args()
    clone = Clone(options.clone)
    rows, filters = waves(clone, options.head, options.count, Costs(options.durations))
    clone.close()
    days = (filters["by keys"][-1].time - filters["by keys"][0].time) / 86400
    print(f"{options.count} pushes in {days:.0f} days, {rows} rows; waiting and time to green: median, and what 90 % are below")
    print(f"{'units':>6}{'runners':>9}  {'filter':18}{'jobs':>9}{'wait h':>16}{'green h':>16}{'machine h':>11}{'TB':>8}")
    for units in options.units:
        for runners in options.runners:
            for name, all_waves in filters.items():
                run = simulate(all_waves, runners, units / rows)
                print(
                    f"{units:>6}{runners:>9}  {name:18}{len(run.waits):>9}{pair(run.waits):>16}{pair(run.green):>16}"
                    f"{run.busy / HOUR:>11.0f}{run.moved / 1e12:>8.1f}",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
