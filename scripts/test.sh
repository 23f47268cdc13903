#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# All tests on a bare Debian or Ubuntu with rustup. See --help.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
source "$ROOT/scripts/lib/install.sh"
source "$ROOT/scripts/lib/build.sh"
source "$ROOT/scripts/lib/processes.sh"

# In the order in which they run. `lint` comes after `unit` so that what everybody waits for is known first.
SUITES=(unit lint e2e byzantine)
LATER=(chaos network web docs)

usage() {
	cat <<-END
		Usage: scripts/test.sh [--long] [SUITE...]

		Runs the named suites, or these: ${SUITES[*]}
		Installs what is missing, builds once, and ends with the runners' closing lines.

		  --long    the long forms: more cases of property tests, more kills of workers
	END
}

LONG=
WANTED=()
for argument in "$@"; do
	case $argument in
		--long) LONG=1 ;;
		-h | --help) usage && exit ;;
		-*) usage >&2 && die "unknown option: $argument" ;;
		*)
			[[ " ${LATER[*]} " != *" $argument "* ]] || die "suite $argument does not exist yet; there are: ${SUITES[*]}"
			[[ " ${SUITES[*]} " == *" $argument "* ]] || die "unknown suite: $argument; there are: ${SUITES[*]}"
			WANTED+=("$argument")
			;;
	esac
done
((${#WANTED[@]})) || WANTED=("${SUITES[@]}")
wanted() { [[ " ${WANTED[*]} " == *" $1 "* ]]; }

RUN=$(mktemp -d "${TMPDIR:-/tmp}/calor-test.XXXXXX")
export CALOR_PROCESSES=$RUN/processes
touch "$CALOR_PROCESSES"
CURRENT=preparation
finish() {
	local status=$?
	trap - EXIT
	trap '' INT TERM HUP
	kill -KILL ${GUARD:+"$GUARD"} 2>/dev/null || true
	kill_registered "$CALOR_PROCESSES"
	if [[ -s $RUN/closing ]]; then
		say "closing lines"
		cat "$RUN/closing"
	fi
	rm -rf "$RUN"
	((status == 0)) || say "FAILED in: $CURRENT"
	exit "$status"
}
guard "$CALOR_PROCESSES" "$RUN"
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# run LABEL PATTERN COMMAND...: runs it, and keeps the lines of its output that match as its closing lines.
run() {
	CURRENT=$1
	local pattern=$2 begun=$SECONDS status=0
	shift 2
	say "$CURRENT: $*"
	"$@" </dev/null 2>&1 | tee "$RUN/output" || status=$?
	{ grep -E -- "$pattern" "$RUN/output" || true; } | sed "s/^/$CURRENT: /" >>"$RUN/closing"
	printf '%s: %s after %s s\n' "$CURRENT" "$( ((status == 0)) && echo ok || echo failed)" "$((SECONDS - begun))" \
		>>"$RUN/closing"
	return "$status"
}

unit() {
	[[ -z $LONG ]] || export CALOR_LONG=1
	if cargo nextest --version >/dev/null 2>&1; then
		run unit 'Summary|^ *(FAIL|TIMEOUT|SIG)' \
			cargo nextest run --release --workspace --locked --no-fail-fast
		# nextest does not run examples in documentation.
		run 'unit, examples in docs' '^test result: .* [1-9][0-9]* passed|FAILED' \
			cargo test --doc --release --workspace --locked
	else
		run unit '^test result|^error' cargo test --release --workspace --locked --no-fail-fast
	fi
}

lint() {
	run 'lint, Rust format' '^Diff in' cargo fmt --all --check
	# The check builds other artefacts than the build does, so leaving out the runtime's Wasm here does not touch that one.
	run 'lint, clippy' '^(warning|error)|Finished' env SKIP_WASM_BUILD=1 \
		cargo clippy --workspace --all-targets --release --locked -- -D warnings
	apt_install shellcheck
	# shellcheck disable=SC2046
	run 'lint, shell' '^In ' shellcheck --external-sources --source-path=SCRIPTDIR $(shell_scripts)
	run 'lint, TOML format' 'ERROR' taplo_check
	run 'lint, JavaScript' 'Error' javascript_check
}

javascript_check() {
	find e2e -name node_modules -prune -o -name '*.mjs' -print0 | xargs -0 -n 1 node --check
}

shell_scripts() { git ls-files .ci/run '*.sh'; }

# taplo comes as an npm package of e2e/, so that its version is locked.
taplo_check() {
	git ls-files -z '*.toml' | xargs -0 e2e/node_modules/.bin/taplo format --check \
		--option indent_string=$'\t' --option array_auto_expand=false --option array_auto_collapse=false
}

# What node's runner says at the end, and what failed.
NODE_CLOSING='^(ℹ|#) (tests|pass|fail|cancelled|duration)|^not ok|✖'

e2e() { run e2e "$NODE_CLOSING" node e2e/run.mjs ${LONG:+--long}; }

# One line for each kind of cheat.
byzantine() { run byzantine "$NODE_CLOSING|^byzantine: " node e2e/run.mjs --suite byzantine; }

cd "$ROOT"
CURRENT=installation
install_build_tools
install_gpu_driver
install_rust rustfmt clippy
install_node
CURRENT=build
build_workspace
for suite in "${SUITES[@]}"; do
	! wanted "$suite" || "$suite"
done
