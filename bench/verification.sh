#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What verification costs: bytes of disputes, and the work of the usual path over a bare run. README.md says how.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/common.sh"
source "$ROOT/scripts/lib/install.sh"

install_build_tools
# shellcheck disable=SC2119
install_rust
cd "$ROOT"
# The whole workspace, or features would differ and the SDK be built again.
cargo build --release --locked --workspace --example costs --example overhead >&2
say "bytes of disputes"
"$CARGO_TARGET_DIR/release/examples/costs" examples/digits/digits.program
say "work of the usual path"
"$CARGO_TARGET_DIR/release/examples/overhead"
