#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures the weights of Calor's pallets anew and writes pallets/*/src/weights.rs.
# A second build of the SDK: run it when a call changes, on a quiet machine.
# usage: scripts/weights.sh [PALLET...]      e.g. scripts/weights.sh jobs stake
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CALOR_WEIGHTS_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/calor/weights-target}
pallets=("$@")
if [ ${#pallets[@]} -eq 0 ]; then
	pallets=(burn_mint capacity disclosure jobs market programs providers stake verification)
fi

export CARGO_TARGET_DIR=$target
cargo build --release --manifest-path tools/weights/Cargo.toml
cargo build --release -p calor-runtime --features runtime-benchmarks
wasm=$target/release/wbuild/calor-runtime/calor_runtime.compact.compressed.wasm

"$target/release/calor-weights" --runtime "$wasm" --output pallets \
	--steps "${STEPS:-20}" --repeat "${REPEAT:-20}" "${pallets[@]/#/--pallet=pallet_}"
cargo fmt --all
