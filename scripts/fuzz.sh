#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes what the chain decodes and judges: programs, fraud proofs, answers. See --help.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

usage() {
	cat <<-END
		Usage: scripts/fuzz.sh [TARGET] [SECONDS]

		Runs a fuzz target for an hour, or for that many seconds, from the committed seeds:

		  program  decoding, validation, reference run and judgement of tensor programs (the default)
		  proof    fraud proofs against honest workers
		  answer   answers to questions about a result, and what questions show

		Needs a nightly toolchain (rustup toolchain install nightly), clang or g++, and cargo-fuzz, which it installs. Finds go
		to the folder fuzz/artifacts of tensor/ or verify/; the grown corpus stays in the cache folder.
	END
}

TARGET=program
case ${1:-} in
	-h | --help) usage && exit ;;
	program | proof | answer) TARGET=$1 && shift ;;
esac
SECONDS_TO_RUN=${1:-3600}
case $SECONDS_TO_RUN in
	*[!0-9]*) usage >&2 && die "neither a target nor a number of seconds: $SECONDS_TO_RUN" ;;
esac
# Where the target is, and how long its inputs are: a whole tile must fit into a proof.
case $TARGET in
	program) CRATE=tensor LENGTH=2048 ;;
	proof) CRATE=tensor LENGTH=20000 ;;
	answer) CRATE=verify LENGTH=4096 ;;
esac

rustup run nightly rustc --version >/dev/null 2>&1 ||
	die "fuzzing needs a nightly toolchain: rustup toolchain install nightly"
TOOLS=${XDG_CACHE_HOME:-$HOME/.cache}/calor/fuzz
PATH=$TOOLS/bin:$PATH
command -v cargo-fuzz >/dev/null || CARGO_TARGET_DIR=$TOOLS/tools cargo install cargo-fuzz --locked --root "$TOOLS"
CORPUS=$TOOLS/corpus/$TARGET
mkdir -p "$CORPUS"
cd "$ROOT/$CRATE"
# Fuzzed code is instrumented: it must not meet the ordinary build's.
CARGO_TARGET_DIR=$TOOLS/target SKIP_WASM_BUILD=1 cargo +nightly fuzz run "$TARGET" "$CORPUS" "fuzz/corpus/$TARGET" -- \
	-max_total_time="$SECONDS_TO_RUN" -max_len="$LENGTH" -timeout=20 -rss_limit_mb=4096
