#!/bin/sh
# gRPC from source as a unit: compiled from the pin that the Rust registry holds, found, restored, compiled again through
# the compiler cache, and linked into a backend that answers.
#
#   tests/bench/grpc.sh [CACHE]     CACHE is an empty directory for a cold run, or that of an earlier one
#
# 20 minutes cold on 2 cores, seconds warm. v1.65.0 (`--grpc source`) takes the same way from its git hosts.
set -eu
cd "$(dirname "$0")/../.."
XTASK_CACHE_DIR=${1:-$(pwd)/target/bench-grpc}
export XTASK_CACHE_DIR
log=$(mktemp)
trap 'rm -f "$log"' EXIT

cargo build --quiet --package xtask --target-dir target/xtask
xtask=target/xtask/debug/xtask

# run WHAT PATTERN ARGUMENTS...: runs xtask, says how long it took, and fails unless it said PATTERN.
run() {
    what=$1 pattern=$2
    shift 2
    began=$(date +%s.%N)
    "$xtask" "$@" >"$log" 2>&1 || { cat "$log"; exit 1; }
    ended=$(date +%s.%N)
    said=$(grep -E "$pattern" "$log" | tail -n 1) || { cat "$log"; echo "expected: $pattern"; exit 1; }
    printf '%8.1f s  %-22s %s\n' "$(echo "$ended - $began" | awk '{ print $1 - $3 }')" "$what" "$said"
}

echo "$(nproc) processors, $(cc --version | head -n 1)"
deps="install-base-deps --backend llama-cpp --grpc registry"
# shellcheck disable=SC2086
run "build" "(built|restored|nothing to do for) grpc" $deps
run "again" "nothing to do for grpc" $deps
prefix=$(sed -n 's/.*grpc · registry.* → \([^ ]*\) · key.*/\1/p' "$log")
[ -x "$prefix/bin/grpc_cpp_plugin" ]
rm -rf "$prefix"
run "prefix removed" "restored grpc" $deps
run "through the cache" "built grpc.*ccache 100 %" $deps --no-cache
run "backend" "llama-cpp.*cpu" build-backend llama-cpp --grpc registry
run "answer" "noise" run-backend llama-cpp --grpc registry --prompt Hi --max-tokens 8
run "why" "nothing changed|first one" why llama-cpp --grpc registry
package=$("$xtask" build-backend llama-cpp --grpc registry 2>&1 | sed -n 's/.* → \([^ ]*\) · key.*/\1/p')
for license in grpc-registry protobuf-registry grpc-registry_third_party_abseil-cpp; do
    [ -d "$package/licenses/$license" ] || { echo "$package/licenses lacks $license"; exit 1; }
done
echo "the package holds the licences of what it links"
