# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Builds the programs. Sourced, never run.

# Always the whole workspace: building one package alone unifies features differently and would build the SDK again.
build_workspace() {
	if [[ $PREBUILT ]]; then
		say "using the programs in $PREBUILT"
		return
	fi
	say "building in $CARGO_TARGET_DIR (the first time takes about half an hour on two cores)"
	(cd "$ROOT" && cargo build --release --workspace --locked >&2 </dev/null)
}
