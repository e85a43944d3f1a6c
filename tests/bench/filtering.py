"""What it costs to filter LocalAI's own matrix for a change of 300 files."""

import json
import os
import tarfile
from pathlib import Path

from measure import ROOT, Figure, alternate, run

# LocalAI's matrix of 457 and 62 entries, among the recorded cases.
MATRIX = "matrix/blobs/e7bada4b4e91458d4289832252abbe36dc0198af"


def reference(xtask: Path, work: Path, rounds: int) -> list[Figure]:
    """`matrix --matrix-file`, whole process, for a push of 299 files and a pull request of 300, outside of a checkout."""
    place = work / "filter"
    place.mkdir(parents=True, exist_ok=True)
    names = set()
    with tarfile.open(ROOT / "tests/fixtures/matrix-corpus.tar.xz") as archive:
        (place / "matrix.yml").write_bytes(archive.extractfile(MATRIX).read())
        for member in archive:
            if member.name.startswith("matrix/cases/"):
                names.update(json.load(archive.extractfile(member))["changed_files"] or [])
    # Changes of the matrix and of the contract are read too; the figure is about files.
    names = sorted(names - {".github/backend-matrix.yml", "backend/backend.proto"})
    repository = {"name": "LocalAI", "owner": {"login": "mudler"}}
    events = {
        "push": (299, {"ref": "refs/heads/master", "before": "a" * 40, "after": "b" * 40}),
        "pull request": (300, {"pull_request": {"number": 1, "base": {"sha": "a" * 40}}}),
    }
    commands = {}
    for name, (count, event) in events.items():
        (place / f"{count}.txt").write_text("".join(f"{path}\n" for path in names[:count]))
        (place / f"{count}.json").write_text(json.dumps(event | {"repository": repository}))
        commands[name] = [xtask, "matrix", "--matrix-file", "matrix.yml", "--event-path", f"{count}.json"]
        commands[name] += ["--changed-files", f"{count}.txt", "--github-output", os.devnull]
        run(commands[name], place)
    times = alternate(commands | {"start": [xtask, "--version"]}, rounds, place)
    return [
        Figure(f"519 rows, {name} of {count} files", times[name].median, "ms", 8, str(times[name]))
        for name, (count, _) in events.items()
    ] + [Figure("  of which starting a process", times["start"].median, "ms")]
