# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What all scripts share: where things are, and how to speak. Sourced, never run.

# shellcheck disable=SC2034 # the scripts that source this use it
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# One target directory for all builds: a second one would build the SDK a second time.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/calor/target}
case $CARGO_TARGET_DIR in
	/*) ;;
	*) CARGO_TARGET_DIR=$PWD/$CARGO_TARGET_DIR ;;
esac
# Where the programs are. Set it to a folder with programs that are built already, and nothing is built.
PREBUILT=${CALOR_BIN:-}
export CALOR_BIN=${CALOR_BIN:-$CARGO_TARGET_DIR/release}

# stdout is data; people read stderr.
say() { printf '%s\n' "==> $*" >&2; }
die() {
	printf '%s\n' "error: $*" >&2
	exit 1
}
