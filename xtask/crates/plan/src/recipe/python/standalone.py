"""Copies the interpreter that runs this file, with its standard library, into a directory that can be moved anywhere.

    python3 -I -S standalone.py DIRECTORY DEPENDENCIES

What was copied is listed in the file DEPENDENCIES, as linkers do it, for whoever wants to know which packages of the
system it came from.

CPython finds its library from where the program lies, so a copy needs no settings. What it links is not copied: that
is the packer's work. Left out is what a server never uses: tests, documentation, editors, static libraries, installers,
other people's packages, and extension modules for terminals and for databases under copyleft.
"""

import fnmatch
import os
import shutil
import sys
import sysconfig
from pathlib import Path

_copied: list[Path] = []
_NOT_FILES = ("EXTERNALLY-MANAGED", "sitecustomize.py", "usercustomize.py", "*.pyc", "*.a", "*.exe")
_NOT_MODULES = (
    "_curses*",
    "_dbm",
    "_gdbm",
    "_tkinter",
    "_test*",
    "_xx*",
    "_ctypes_test",
    "nis",
    "ossaudiodev",
    "readline",
    "xx*",
)
_NOT_DIRECTORIES = (
    "__pycache__",
    "config-*",
    "dist-packages",
    "distutils",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "site-packages",
    "test",
    "tests",
    "tkinter",
    "turtledemo",
    "venv",
)


def copy(target: Path) -> list[Path]:
    """Makes `target` a prefix of its own; the files that it is made of."""
    _copied.clear()
    program = Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
    _file(program, target / "bin" / "python3", 0o755)
    library = target / sys.platlibdir / f"python{sys.version_info.major}.{sys.version_info.minor}"
    sources = {
        Path(sysconfig.get_path(name, vars={"base": sys.base_prefix, "platbase": sys.base_exec_prefix}))
        for name in ("stdlib", "platstdlib")
    }
    for source in sorted(sources):
        _tree(source, library)
    if shared := _shared_library():
        _file(shared, target / "lib" / shared.name, 0o644)
    _license(library, target / "LICENSE.txt")
    return list(_copied)


def dependencies(files: list[Path]) -> str:
    """A rule of a Makefile with these prerequisites."""
    escaped = (str(file).replace("$", "$$").replace(" ", "\\ ").replace("#", "\\#") for file in sorted(files))
    return "python:" + "".join(f" \\\n  {file}" for file in escaped) + "\n"


def _tree(source: Path, target: Path) -> None:
    for directory, names, files in os.walk(source):
        names[:] = sorted(name for name in names if not _any(name, _NOT_DIRECTORIES))
        for name in sorted(files):
            file = Path(directory, name)
            module = name.endswith(".so") and name.split(".")[0]
            if _any(name, _NOT_FILES) or (module and _any(module, _NOT_MODULES)) or not file.exists():
                continue
            _file(file, target / file.relative_to(source), 0o755 if module else 0o644)


def _shared_library() -> Path | None:
    """libpython, of an interpreter that was built around one and uses it. The running process knows where it is."""
    name = sysconfig.get_config_var("INSTSONAME")
    if not name or not sysconfig.get_config_var("Py_ENABLE_SHARED"):
        return None
    try:
        lines = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        places = [Path(sys.base_prefix, "lib"), Path(sysconfig.get_config_var("LIBDIR"))]
        return next((place / name for place in places if (place / name).exists()), None)
    return next((Path(line.split(maxsplit=5)[5]) for line in lines if line.endswith(f"/{name}")), None)


def _license(library: Path, target: Path) -> None:
    """Debian keeps it beside the package's documentation, upstream in the library or above it."""
    version = library.name
    for place in (
        library / "LICENSE.txt",
        Path(f"/usr/share/doc/{version}-minimal/copyright"),
        Path(f"/usr/share/doc/{version}/copyright"),
    ):
        if place.exists():
            return _file(place, target, 0o644)
    sys.exit(f"standalone.py: the licence of {version} is not to be found")


def _file(source: Path, target: Path, mode: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)
    _copied.append(source)


def _any(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python3 -I -S standalone.py DIRECTORY DEPENDENCIES")
    _, _directory, _dependencies = map(Path, sys.argv)
    _files = copy(_directory)
    _dependencies.parent.mkdir(parents=True, exist_ok=True)
    _dependencies.write_text(dependencies(_files), encoding="utf-8")
