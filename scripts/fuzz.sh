#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes the decoding, validation, reference run and judgement of tensor programs. See --help.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

usage() {
	cat <<-END
		Usage: scripts/fuzz.sh [SECONDS]

		Runs the fuzz target tensor/fuzz for an hour, or for that many seconds, from the committed seeds. Needs a nightly
		toolchain (rustup toolchain install nightly), clang or g++, and cargo-fuzz, which it installs. Finds go to
		tensor/fuzz/artifacts; the grown corpus stays in the cache folder.
	END
}

case ${1:-3600} in
	-h | --help) usage && exit ;;
	*[!0-9]*) usage >&2 && die "not a number of seconds: $1" ;;
esac

rustup run nightly rustc --version >/dev/null 2>&1 ||
	die "fuzzing needs a nightly toolchain: rustup toolchain install nightly"
TOOLS=${XDG_CACHE_HOME:-$HOME/.cache}/calor/fuzz
PATH=$TOOLS/bin:$PATH
command -v cargo-fuzz >/dev/null || CARGO_TARGET_DIR=$TOOLS/tools cargo install cargo-fuzz --locked --root "$TOOLS"
mkdir -p "$TOOLS/corpus"
cd "$ROOT/tensor"
# Fuzzed code is instrumented: it must not meet the ordinary build's.
CARGO_TARGET_DIR=$TOOLS/target cargo +nightly fuzz run program "$TOOLS/corpus" fuzz/corpus/program -- \
	-max_total_time="${1:-3600}" -max_len=2048 -timeout=20 -rss_limit_mb=4096
