"""The copied interpreter and the finished package, made small and moved."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BUILD = Path(__file__).resolve().parents[4] / "xtask/crates/plan/src/recipe/python"
PATIENCE = 120


def run(*arguments: object, **environment: str) -> str:
    done = subprocess.run(
        [str(a) for a in arguments], capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment
    )
    if done.returncode:
        raise AssertionError(f"{arguments} gave {done.returncode}: {done.stderr}")
    return done.stdout


class Package(unittest.TestCase):
    def setUp(self) -> None:
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def make(self, name: str) -> Path:
        package = self.root / name
        run(sys.executable, "-I", "-S", "-B", BUILD / "standalone.py", package / "python", package.parent / "python.d")
        site = package / "site-packages"
        info = site / "thing-1.0.dist-info"
        (info / "licenses").mkdir(parents=True)
        (info / "METADATA").write_text("Name: thing\nVersion: 1.0\n", encoding="utf-8")
        (info / "RECORD").write_text(f"../bin/thing,sha256={name},1\n", encoding="utf-8")
        (info / "licenses" / "LICENSE").write_text("do as you like\n", encoding="utf-8")
        (site / "bin").mkdir()
        (site / "bin" / "thing").write_text(f"#!{package}\n", encoding="utf-8")
        (site / "thing.py").write_text("VALUE = 42\n", encoding="utf-8")
        (package / "app").mkdir()
        (package / "app" / "__main__.py").write_bytes((BUILD / "start.py").read_bytes())
        (package / "app" / "server.py").write_text(
            "import json, sys, thing\nprint(json.dumps([thing.VALUE, thing.__file__, sys.prefix, sys.path]))\n",
            encoding="utf-8",
        )
        run(package / "python" / "bin" / "python3", "-I", "-S", "-B", BUILD / "finish.py", package)
        return package

    def test_it_runs_where_it_is_moved_and_uses_nothing_else(self) -> None:
        moved = self.root / "somewhere" / "else"
        moved.parent.mkdir()
        self.make("package").rename(moved)
        strange = {"PYTHONHOME": "/nowhere", "PYTHONPATH": "/nowhere", "PYTHONSTARTUP": "/nowhere"}
        said = run(moved / "python" / "bin" / "python3", "-I", "-S", "-B", moved / "app", **strange)
        self.assertIn(f'[42, "{moved}/site-packages/thing.py", "{moved}/python"', said)
        self.assertNotIn("/nowhere", said)
        for path in said.split("[")[2].strip("]\n ").split(", "):
            self.assertTrue(path.strip('"').startswith(str(moved)), said)

    def test_it_is_the_same_wherever_it_is_made(self) -> None:
        one, two = self.make("one"), self.make("two-with-a-longer-name")

        def content(package: Path) -> dict[str, tuple[int, bytes]]:
            files = [file for file in package.rglob("*") if file.is_file()]
            return {str(file.relative_to(package)): (file.stat().st_mode, file.read_bytes()) for file in files}

        a, b = content(one), content(two)
        self.assertEqual(sorted(a), sorted(b))
        self.assertEqual([name for name in a if a[name] != b[name]], [])
        self.assertTrue(any(name.endswith(".pyc") for name in a))
        self.assertEqual(a["licenses/thing/LICENSE"][1], b"do as you like\n")
        self.assertIn("licenses/python/LICENSE.txt", a)
        self.assertFalse([name for name in a if name.endswith("RECORD") or "/bin/thing" in name])

    def test_a_distribution_without_any_licence_is_refused(self) -> None:
        package = self.make("package")
        info = package / "site-packages" / "bare-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Name: bare\nVersion: 1.0\n", encoding="utf-8")
        with self.assertRaisesRegex(AssertionError, "bare has no licence"):
            run(package / "python" / "bin" / "python3", "-I", "-S", "-B", BUILD / "finish.py", package)

    def test_a_generator_is_bounded_by_what_both_kinds_of_locks_hold(self) -> None:
        for lock in (
            "grpcio==1.71.0 \\\n    --hash=sha256:aa\nprotobuf==7.35.0 ; python_version > '3'\nprotobuf-x==1\n",
            '[[packages]]\nname = "grpcio"\nversion = "1.71.0"\n[[packages]]\nname = "protobuf"\nversion = "7.35.0"\n',
        ):
            file, constraints = self.root / "lock", self.root / "constraints"
            file.write_text(lock, encoding="utf-8")
            run(sys.executable, "-I", "-S", "-B", BUILD / "bounds.py", file, constraints)
            expected = "grpcio<=1.71.0\ngrpcio-tools<=1.71.0\nprotobuf<=7.35.0\n"
            self.assertEqual(constraints.read_text(encoding="utf-8"), expected)


if __name__ == "__main__":
    unittest.main()
