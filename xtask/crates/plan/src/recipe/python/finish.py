"""Makes a Python package the same to the byte wherever it was built, quick to start, and complete in its licences.

    PACKAGE/python/bin/python3 -I -S -B finish.py PACKAGE

Expects `python/`, `site-packages/` and `app/` in the directory. Bytecode is compiled with hashes that are not checked
at start and with paths relative to the package, so that no build path and no time is in it. Whoever edits a source in
a finished package removes its bytecode too.
"""

import compileall
import email
import py_compile
import re
import shutil
import sys
from pathlib import Path

# What the installer leaves: its lock, its notes, and checksums of scripts that name the interpreter of the build.
_NOTES = ("INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json")
# Wheels keep them in a directory of their own or, older ones, beside METADATA.
_LEGAL_DIRECTORIES = ("licenses", "license_files")
_LEGAL_FILE = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)


def finish(package: Path) -> None:
    """Does all of it."""
    site = package / "site-packages"
    shutil.rmtree(site / "bin", ignore_errors=True)
    (site / ".lock").unlink(missing_ok=True)
    for info in sorted(site.glob("*.dist-info")):
        for note in _NOTES:
            (info / note).unlink(missing_ok=True)
        _licenses(info, package / "licenses")
    shutil.copyfile(package / "python" / "LICENSE.txt", _made(package / "licenses" / "python") / "LICENSE.txt")
    for part in ("python", "site-packages", "app"):
        _compile(package, package / part)


def _licenses(info: Path, target: Path) -> None:
    metadata = email.message_from_string((info / "METADATA").read_text(encoding="utf-8"))
    directory = target / metadata["Name"]
    found = False
    for file in sorted(file for file in info.rglob("*") if file.is_file()):
        relative = file.relative_to(info)
        if relative.parts[0] in _LEGAL_DIRECTORIES:
            relative = relative.relative_to(relative.parts[0])
        elif not _LEGAL_FILE.match(file.name):
            continue
        to = directory / relative
        shutil.copyfile(file, _made(to.parent) / to.name)
        found = True
    if found:
        return
    # Some wheels only name their licence.
    named = [
        metadata.get("License-Expression"),
        metadata.get("License"),
        *(line for line in metadata.get_all("Classifier", []) if line.startswith("License ::")),
    ]
    text = "\n".join(name for name in named if name)
    if not text:
        sys.exit(f"finish.py: {metadata['Name']} has no licence file and names no licence in {info}/METADATA")
    (_made(directory) / "LICENSE").write_text(f"{text}\n", encoding="utf-8")


def _compile(package: Path, directory: Path) -> None:
    good = compileall.compile_dir(
        directory,
        maxlevels=100,
        quiet=1,
        force=True,
        workers=1,
        stripdir=package,
        prependdir="/",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not good:
        print(f"finish.py: some files of {directory} do not compile; they are used as sources", file=sys.stderr)


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    return directory


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: PACKAGE/python/bin/python3 -I -S -B finish.py PACKAGE")
    finish(Path(sys.argv[1]).resolve())
