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
say "bytes of disputes"
cargo run --release --locked --quiet -p calor-verify --example costs -- examples/digits/digits.program
say "work of the usual path"
cargo run --release --locked --quiet -p calor-verify --example overhead
