"""Writes a checkout as large as LocalAI's matrix: 62 backends of every family, 457 units for Linux and 62 for macOS."""

import random
import shutil
import sys
from pathlib import Path

from generate_tree import PIN, SCHEMA, shared, write

FILES = 38
FILE_BYTES = 12_000
CPU = "cpu: [linux/amd64, linux/arm64]"
BOARDS = ["l4t-cuda-12: [linux/arm64]", "l4t-cuda-13: [linux/arm64]"]
CUDA = ["cuda-12: [linux/amd64]", "cuda-13: [linux/amd64]"]
SYCL = ["sycl-f16: [linux/amd64]", "sycl-f32: [linux/amd64]"]
ROCM = "rocm: [linux/amd64]"
VULKAN = "vulkan: [linux/amd64, linux/arm64]"
# Family, variants beside Metal, how many backends.
KINDS = [
    ("cpp", [CPU, *CUDA, *BOARDS, ROCM, VULKAN, *SYCL], 5),
    ("python", [CPU, *CUDA, *BOARDS, ROCM, "intel: [linux/amd64]"], 22),
    ("go", [CPU, *CUDA, *BOARDS, VULKAN, *SYCL], 19),
    ("go", [CPU, "cuda-12: [linux/amd64]"], 4),
    ("go", [CPU], 11),
    ("rust", [CPU], 1),
]
RECIPES = {
    "cpp": f"sources: [{PIN}]\n\ncmake:\n  source: {PIN}\n  source-variable: TINY_DIR\n  target: server\n"
    "  default-flavors: [fallback]\n  published-flavors: [cpu-all, grpc, rpc-server]\n",
    "python": "python:\n  entry: server.py\n  requirements: [requirements.txt]\n",
    "go": "go:\n  package: .\n",
    "rust": "rust:\n  binary: server\n",
}
LINUX, DARWIN = 457, 62


def generate(repository: Path, root: Path, times: int = 1, files: int = FILES) -> int:
    """Writes the checkout, with as many times the backends of so many files, into `root`; returns how many files it has."""
    noise = random.Random(2)
    shared(repository, root)
    # gRPC's sources, which C++ builders are keyed with, beside the one of the generated backends.
    own = (root / "backend/sources.yaml").read_text().split("sources:\n", 1)[1]
    pins, rest = (repository / "backend/sources.yaml").read_text().split("\nprograms:\n", 1)
    write(root / "backend/sources.yaml", f"{pins}\n{own.split(chr(10) + 'programs:', 1)[0]}\nprograms:\n{rest}")
    shutil.copytree(repository / "backend/patches", root / "backend/patches", dirs_exist_ok=True)
    for at in range(12):
        write(root / f"backend/python/common/runtime/part{at}.py", f"PART = {at}\n" * 100)
    index = 0
    for language, variants, count in KINDS:
        for _ in range(count * times):
            backend(root, language, f"{language}-{index:02}", variants, noise, files)
            index += 1
    return sum(1 for path in root.rglob("*") if path.is_file())


def backend(root: Path, language: str, name: str, variants: list[str], noise: random.Random, files: int) -> None:
    place = f"backend/{language}/{name}"
    common = "    - backend/python/common/**\n" if language == "python" else ""
    rows = "".join(f"  {row}\n" for row in [*variants, "metal: [darwin/arm64]"])
    text = (
        f"name: {name}\ndescription: A generated backend\nlicense: MIT\ntask: generate\n\n"
        f"inputs:\n  include:\n    - backend/backend.proto\n{common}    - {place}/**\n"
        f"  exclude:\n    - {place}/backend.yaml\n    - {place}/tests/**\n    - {place}/**/*.md\n\n"
        f"variants:\n{rows}\n{RECIPES[language]}"
    )
    write(root / place / "backend.yaml", SCHEMA.format("../../../", "backend") + text)
    for at in range(files - 1):
        write(root / place / f"src/part{at % 4}/file{at}.txt", noise.randbytes(FILE_BYTES // 2).hex())


if __name__ == "__main__":
    print(generate(Path(__file__).resolve().parents[2], Path(sys.argv[1])), "files")
