#!/usr/bin/env python3
"""What `build-backend --realm container` costs on top of `docker buildx bake` on the very same file.

    tests/bench/containers.py BACKEND --registry REPOSITORY [--runs 5] [-- more options of build-backend]

Everything is built once, so that both sides find every layer on the builder; then the two take turns. The package
cache is emptied before each turn, the sources stay. Target: the difference of the medians is at most one second.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time


def run(command, **options):
    began = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stderr[-4000:]}")
    return time.monotonic() - began, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backend")
    parser.add_argument("--registry", required=True)
    parser.add_argument("--builder")
    parser.add_argument("--xtask", default="target/debug/xtask")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("more", nargs="*")
    args = parser.parse_args()
    common = [args.backend, "--realm", "container", "--registry", args.registry, *args.more]
    if args.builder:
        common += ["--buildx-builder", args.builder]
    cache = os.environ.get("XTASK_CACHE_DIR") or sys.exit("set XTASK_CACHE_DIR to a directory that may be emptied")
    build = [args.xtask, "build-backend", *common]
    run(build)
    _, definition = run([args.xtask, "plan", *common, "--bake"])
    environment = dict(os.environ, XTASK_CA_FILE="/run/secrets/ca.pem", BUILDX_BAKE_ENTITLEMENTS_FS="0")
    bake = ["docker", "buildx", "bake", "--file", "-", "--progress", "quiet", "unit"]
    if args.builder:
        bake[3:3] = ["--builder", args.builder]
    run(bake, input=definition, env=environment)
    ours, plain = [], []
    for _ in range(args.runs):
        shutil.rmtree("target/backends", ignore_errors=True)
        shutil.rmtree(os.path.join(cache, "v1", "entries"), ignore_errors=True)
        ours.append(run(build)[0])
        plain.append(run(bake, input=definition, env=environment)[0])
    one, other = statistics.median(ours), statistics.median(plain)
    print(f"build-backend {one:.2f} s, docker buildx bake {other:.2f} s, overhead {one - other:.2f} s (at most 1 s)")
    sys.exit(one - other > 1)


if __name__ == "__main__":
    main()
