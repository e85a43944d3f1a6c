#!/usr/bin/env python3
"""From a compiled xtask to llama-cpp's answer, where the registry on this machine has the package.

    tests/bench/taking.py PACKAGE --registry 127.0.0.1:5000/bench [--runs 5]

PACKAGE is a directory that `build-backend llama-cpp` made, of whatever flavors: its files are pushed under the key of what
is published, so that nothing is built in a container for a figure about taking. The registry is any that takes pushes, such
as `docker-registry serve`. Every run begins with an empty cache and without a package in the checkout; the gRPC client was
compiled before. Target: the median is at most five seconds.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(command: list, env: dict) -> str:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout + done.stderr


def as_published(package: Path, key: str, work: Path) -> Path:
    """A copy that says it is of this key."""
    copy = work / "package"
    shutil.copytree(package, copy, symlinks=True)
    manifest = json.loads((copy / "package.json").read_text())
    manifest["key"] = key
    (copy / "package.json").write_text(json.dumps(manifest, indent=2) + "\n")
    return copy


def image(package: Path, key: str, platform: str, work: Path) -> Path:
    """The image of a package as a layout in a tar, by other code than xtask's."""
    import gzip
    import hashlib
    import tarfile

    layout = work / "layout"
    blobs = layout / "blobs/sha256"
    blobs.mkdir(parents=True)

    def blob(kind: str, data: bytes) -> dict:
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(data)}

    with tarfile.open(work / "layer.tar", "w") as tar:
        for path in sorted(package.iterdir()):
            tar.add(path, path.name)
    plain = (work / "layer.tar").read_bytes()
    layer = blob("layer.v1.tar+gzip", gzip.compress(plain, 6))
    system, arch = platform.split("/")
    config = {
        "architecture": arch,
        "os": system,
        "config": {"Labels": {"package.key": key}},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(plain).hexdigest()}"]},
    }
    config = blob("config.v1+json", json.dumps(config).encode())
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": [layer]}
    manifest = blob("manifest.v1+json", json.dumps(manifest).encode())
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    (layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    out = work / "image.tar"
    with tarfile.open(out, "w") as tar:
        for path in sorted(layout.rglob("*")):
            if path.is_file():
                tar.add(path, str(path.relative_to(layout)))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path)
    parser.add_argument("--registry", required=True, help="a repository; what it holds under the key is replaced")
    parser.add_argument("--xtask", type=Path, default=ROOT / "target/xtask/debug/xtask")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    manifest = json.loads((args.package / "package.json").read_text())
    platform = manifest["platform"]
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        env = {name: value for name, value in os.environ.items() if name not in ("CI", "XTASK_BUILD", "XTASK_OFFLINE")}
        env["XTASK_CACHE_DIR"] = str(work / "cache")
        listed = json.loads(run([args.xtask, "list", "--units", "--json"], env))
        units = [unit for unit in listed if (unit["backend"], unit["platform"]) == ("llama-cpp", platform)]
        key = next(unit["key"] for unit in units if unit["variant"] == "cpu")
        tar = image(as_published(args.package, key, work), key, platform, work)
        push = ["ci", "push", tar, "--publish-to", args.registry, "--registry", args.registry]
        run([args.xtask, *push], env)
        run(["cargo", "build", "--quiet", "--locked", "--package", "client", "--target-dir", ROOT / "target/xtask"], env)
        took = []
        for _ in range(args.runs):
            shutil.rmtree(work / "cache", ignore_errors=True)
            shutil.rmtree(ROOT / "target/backends", ignore_errors=True)
            began = time.monotonic()
            said = run([args.xtask, "run-backend", "llama-cpp", "--registry", args.registry, "--prompt", "Hi"], env)
            took.append(time.monotonic() - began)
            if "pulled llama-cpp" not in said:
                sys.exit(f"it was not taken:\n{said}")
        size = sum(path.stat().st_size for path in args.package.rglob("*") if path.is_file()) >> 20
        median = statistics.median(took)
        each = ", ".join(f"{seconds:.2f}" for seconds in took)
        print(f"to an answer, package of {size} MiB taken: median {median:.2f} s of {each} (at most 5 s)")
        sys.exit(median > 5)


if __name__ == "__main__":
    main()
