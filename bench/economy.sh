#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Ten years of the economy on the real pallets, in good and in bad circumstances; docs/economics.md says what came of it.
# See --help.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/common.sh"
source "$ROOT/scripts/lib/install.sh"
source "$ROOT/scripts/lib/build.sh"

[[ $PREBUILT ]] || {
	install_build_tools
	# shellcheck disable=SC2119
	install_rust
}
build_workspace
exec "$CALOR_BIN/economy-bench" "$@"
