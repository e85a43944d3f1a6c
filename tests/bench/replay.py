#!/usr/bin/env python3
"""Replays pushes to LocalAI: builds by its own filter, by the inputs that the corrected rules name, and what is missed.

    tests/bench/replay.py CLONE [COUNT]

CLONE is a clone of https://github.com/mudler/LocalAI, bare or not; COUNT is how many commits of the first-parent line
are replayed, each as a push of its own, with the release tags on them and the Sundays between them. The selections are
made by the code behind `cargo xtask matrix`; what builds really read is found out anew in inputs.py.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path

from clone import NOTHING, Clone, Push
from inputs import MATRIX, UNREAD, Inputs, build
from measure import ROOT

# Nothing else can be an input of a backend.
RELEVANT = ("backend/", "pkg/", "core/", ".docker/", "scripts/", ".github/", "go.mod")
# LocalAI rebuilds everything on Sundays.
SUNDAY, HOUR = 6, 6


class Answers:
    """The program that selects."""

    def __init__(self, events: list[dict]):
        command = ["cargo", "run", "--quiet", "-p", "localai", "--example", "replay"]
        text = "".join(json.dumps(event) + "\n" for event in events)
        out = subprocess.run(command, cwd=ROOT, input=text, text=True, stdout=subprocess.PIPE, check=True).stdout
        self.lines = [json.loads(line) for line in out.splitlines()]


def push_event(clone: Clone, push: Push) -> dict:
    """A push, with the texts of files that exist before and after it."""
    files = {path: blobs for path, blobs in push.files.items() if path.startswith(RELEVANT)}
    both = {path: blobs for path, blobs in files.items() if NOTHING not in blobs}
    texts = {path: [clone.text(blob) for blob in blobs] for path, blobs in both.items()}
    return {"push": {"files": files, "texts": {path: pair for path, pair in texts.items() if "\0" not in pair[1]}}}


def crons(pushes: list[Push]) -> set[str]:
    """Commits before which a Sunday's run begins."""
    first = datetime.fromtimestamp(pushes[0].time, timezone.utc)
    days = timedelta(days=(SUNDAY - first.weekday()) % 7)
    sunday = (first + days).replace(hour=HOUR, minute=0, second=0)
    found = set()
    for push in pushes:
        while push.time > sunday.timestamp():
            if sunday > first:
                found.add(push.commit)
            sunday += timedelta(days=7)
    return found


def identity(row: dict, darwin: bool) -> tuple:
    return darwin, row.get("tag-suffix") or "", row.get("platform-tag") or ""


def fields(row: dict) -> dict:
    return {name: value for name, value in row.items() if name not in UNREAD}


class Truth:
    """Which entries each push really changes."""

    def __init__(self, clone: Clone, start: str):
        self.inputs = Inputs(clone, clone.tree(start))
        self.rows: list[tuple[dict, bool]] = []
        # Edits of level 1 that change no build, by why.
        self.harmless: Counter = Counter()

    def step(self, push: Push, rows: list[tuple[dict, bool]]) -> dict[int, list[str]]:
        """Position in `rows` -> inputs that changed."""
        inputs, before = self.inputs, {identity(*row): fields(row[0]) for row in self.rows}
        paths = [path for path in push.files if path.startswith(RELEVANT) and path != "backend/index.yaml"]
        # A file that is gone was read before the push, a new one is read after it.
        read = inputs.read_by({build(*row) for row in self.rows}, paths)
        for path, (_, after) in push.files.items():
            if after == NOTHING:
                inputs.tree.pop(path, None)
            else:
                inputs.tree[path] = after
        if paths:
            inputs.revision()
        for key, files in inputs.read_by({build(*row) for row in rows}, paths).items():
            read[key] = read.get(key, set()) | files
        self.rows, changed = rows, {}
        for position, row in enumerate(rows):
            found = [MATRIX] if before.get(identity(*row)) != fields(row[0]) else []
            excuses = set()
            for path in sorted(read[build(*row)]):
                excuse = inputs.harmless(*row, path, *push.files[path])
                if excuse:
                    excuses.add(excuse)
                else:
                    found.append(path)
            if found:
                changed[position] = found
            else:
                self.harmless.update(excuses)
        return changed


def probes(clone: Clone, head: str) -> dict[str, dict]:
    """For each file at `head` that a build could read: a push that edits it alone."""
    paths = [path for path in clone.tree(head) if path.startswith(RELEVANT) and path != MATRIX]
    return {path: {"push": {"files": {path: ["before", "after"]}, "texts": {}}} for path in paths}


def blind(inputs: Inputs, rows: list[tuple[dict, bool]], path: str, selected: set[int]) -> list[int]:
    """Entries that an edit of a file could change and would not select."""
    lost = [at for at, row in enumerate(rows) if at not in selected and inputs.reads(build(*row), path)]
    return [at for at in lost if inputs.harmless(*rows[at], path, NOTHING, inputs.tree[path]) is None]


def title(row: tuple[dict, bool]) -> str:
    entry, darwin = row
    return f"{entry.get('tag-suffix')} {'darwin' if darwin else entry.get('platforms')}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clone", type=Path, help="a clone of LocalAI")
    parser.add_argument("count", type=int, nargs="?", default=400, help="commits to replay (400)")
    parser.add_argument("--head", default="HEAD", help="the newest commit (HEAD)")
    parser.add_argument("--verbose", action="store_true", help="name every miss")
    options = parser.parse_args()
    began = time.monotonic()
    clone = Clone(options.clone)
    pushes, tags = clone.pushes(options.head, options.count), clone.tags()
    sundays = crons(pushes)
    matrix = clone.text(f"{pushes[0].parent}:{MATRIX}")
    if not matrix:
        parser.error(f"{pushes[0].parent[:9]} has no {MATRIX} yet: replay fewer commits than {options.count}")
    events: list[dict] = [{"start": {"matrix": matrix}}]
    for push in pushes:
        if push.commit in sundays:
            events.append("cron")
        events.append(push_event(clone, push))
    probed = probes(clone, options.head)
    events += probed.values()
    answers = iter(Answers(events).lines)
    start = next(answers)["start"]
    rows = [(row, position >= start["linux"]) for position, row in enumerate(start["rows"])]
    truth = Truth(clone, pushes[0].parent)
    truth.rows = rows

    theirs, ours, skipped = Counter(), Counter(), 0
    missed_theirs, missed_ours, costly = 0, [], []
    for push in pushes:
        if push.commit in sundays:
            theirs["crons"] += len(rows)
            ours["crons"] += next(answers)["cron"]["built"]
        answer = next(answers)["push"]
        if answer["rows"] is not None:
            rows = [(row, position >= answer["linux"]) for position, row in enumerate(answer["rows"])]
        selected = {int(position): reasons for position, reasons in answer["ours"].items()}
        changed = truth.step(push, rows)
        theirs["pushes"] += len(answer["theirs"])
        ours["pushes"] += len(answer["built"])
        skipped += len(selected) - len(answer["built"])
        missed_theirs += len(changed.keys() - set(answer["theirs"]))
        missed_ours += [(push, rows[at], changed[at]) for at in sorted(changed.keys() - selected.keys())]
        reasons = Counter(reason for at in answer["built"] for reason in selected[at])
        costly.append((len(answer["built"]), len(answer["theirs"]), push, reasons))
        if push.commit in tags:
            theirs["tags"] += len(rows)
            ours["tags"] += 0
    blind_spots = []
    for path in probed:
        selected = {int(position) for position in next(answers)["push"]["ours"]}
        blind_spots += [(path, title(rows[at])) for at in blind(truth.inputs, rows, path, selected)]
    clone.close()

    days = (pushes[-1].time - pushes[0].time) / 86400
    released = sum(push.commit in tags for push in pushes)
    print(f"{len(pushes)} pushes in {days:.0f} days, {released} tags, {len(sundays)} Sundays, {len(rows)} entries")
    print(f"{'':28}{'pushes':>8}{'tags':>8}{'crons':>8}{'all':>8}")
    for name, counts in [("builds by LocalAI's filter", theirs), ("builds by inputs", ours)]:
        numbers = [counts["pushes"], counts["tags"], counts["crons"], counts.total()]
        print(f"{name:28}" + "".join(f"{number:>8}" for number in numbers))
    print(f"touched, and built before    {skipped:>7}")
    print(f"missed by LocalAI's filter   {missed_theirs:>7}")
    print(f"missed by the corrected rules{len(missed_ours):>7}")
    print(f"files at head whose edit would be missed: {len({path for path, _ in blind_spots})} of {len(probed)}")
    print("edits of files that a build reads, without effect on it (entries):")
    for why, number in truth.harmless.most_common():
        print(f"{number:>8}  {why}")
    print("the ten costliest pushes (built, of LocalAI's):")
    for built, of_theirs, push, reasons in sorted(costly, key=lambda row: -row[0])[:10]:
        print(f"{built:>8} {of_theirs:>4}  {push.commit[:9]} {push.subject[:80]}")
        for reason, number in reasons.most_common(3):
            print(f"{'':15}{number:>4} × {reason}")
    shown = missed_ours if options.verbose else missed_ours[:5]
    for push, row, paths in shown:
        print(f"missed: {push.commit[:9]} {title(row)}: {', '.join(paths[:3])}")
    for path, name in blind_spots if options.verbose else blind_spots[:5]:
        print(f"would be missed: {path} for {name}")
    print(f"took {time.monotonic() - began:.0f} s")
    return 1 if missed_ours or blind_spots else 0


if __name__ == "__main__":
    sys.exit(main())
