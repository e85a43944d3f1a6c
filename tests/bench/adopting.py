#!/usr/bin/env python3
"""Adopts a clone of LocalAI, in a copy: what becomes of its backends and rows, and how long that takes.

    tests/bench/adopting.py CLONE [--rounds N] [--notes]

CLONE is a checkout of https://github.com/mudler/LocalAI; nothing is written there.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from measure import ROOT, Figure, alternate, machine, run


def copy(clone: Path, place: Path) -> Path:
    """What git tracks of a checkout, as a checkout of its own with the templates of containers."""
    tree = place / "tree"
    run(["git", "clone", "--quiet", "--shared", clone, tree], place)
    shutil.copytree(ROOT / "docker", tree / "docker")
    return tree


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--notes", action="store_true", help="print what it says of every backend")
    options = parser.parse_args()
    run(["cargo", "build", "--quiet", "--release", "-p", "xtask", "--target-dir", "target/bench"])
    xtask = ROOT / "target/bench/release/xtask"
    print(machine())
    with tempfile.TemporaryDirectory() as place:
        tree = copy(options.clone.absolute(), Path(place))
        adopt = [xtask, "import-matrix", "--adopt", tree, "--json"]
        told = json.loads(run(adopt, tree))
        again = json.loads(run(adopt, tree))
        units = run([xtask, "list", "--units"], tree).splitlines()
        keyed = sum(any(len(word) == 64 for word in line.split()) for line in units)
        check = subprocess.run([xtask, "check", "--rule", "manifests"], cwd=tree, capture_output=True, text=True)
        scripts = Counter(one["why_script"] for one in told["backends"] if one["why_script"])
        refused = Counter(one["refused"] for one in told["backends"] if one["refused"])
        adopted = [one for one in told["backends"] if not one["refused"]]
        times = alternate({"adopt": [*adopt, "--check"], "list": [xtask, "list", "--units"]}, options.rounds, tree)
        for reason, count in scripts.most_common():
            print(f"{count:>4} backends by script: {reason}")
        for reason, count in refused.most_common():
            print(f"{count:>4} backends not adopted: {reason}")
        for what, count in told["apart"].items():
            print(f"{count:>4} rows: {what}")
        for one in told["missing"] + told["added"]:
            print(f"     differs: {one['backend']} {one['platform']} {one['suffix']}")
        if options.notes:
            for one in told["backends"]:
                for note in one["notes"]:
                    print(f"     {one['backend']}: {note}")
        print(f"`check --rule manifests` {'finds nothing' if check.returncode == 0 else check.stdout[-600:] + check.stderr[-600:]}")
        figures = [
            Figure("rows that are not equal", told["rows"] - told["equal"], "", 0, f"of {told['rows']}"),
            Figure("backends that are not adopted", len(told["backends"]) - len(adopted), "", 0, f"of {len(told['backends'])}"),
            Figure("  of which by their family's recipe", len(adopted) - scripts.total(), ""),
            Figure("  of which floating", sum(one["floats"] for one in adopted), ""),
            Figure("files that a second time changes", sum(s != "same" for s in again["files"].values()), "", 0),
            Figure("units with a key on this host", keyed, "", None, f"of {len(units)} lines"),
            Figure("adoption", times["adopt"].median / 1000, "s", 5, str(times["adopt"])),
            Figure("every key again", times["list"].median, "ms", 100, str(times["list"])),
        ]
    for figure in figures:
        print(figure)
    return sum(not figure.held for figure in figures)


if __name__ == "__main__":
    sys.exit(main())
