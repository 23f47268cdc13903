#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures how many complete lives of jobs one node carries, beside plain transfers on the same node; README.md says how.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/common.sh"
source "$ROOT/scripts/lib/install.sh"
source "$ROOT/scripts/lib/build.sh"
source "$ROOT/scripts/lib/processes.sh"

usage() {
	cat <<-END
		usage: bench/chain.sh [--quick] [--json FILE]

		Starts a development chain of its own, fills its blocks with transfers, then takes jobs through their whole lives.
		Tables go to stdout, progress to stderr. About five minutes. Exits with 0 only if jobs were settled and all
		invariants hold at the end.

		  --quick       about a minute: fewer blocks, and short windows after the reveal
		  --json FILE   write all figures to FILE as well

		CALOR_BIN names a folder with calor-node and chain-bench, if they need not be built.
	END
}

QUICK='' JSON=''
while (($#)); do
	case $1 in
		--quick) QUICK=1 ;;
		--json)
			(($# > 1)) || die "--json needs a file"
			JSON=$2
			shift
			;;
		-h | --help) usage && exit ;;
		*) usage >&2 && die "unknown argument: $1" ;;
	esac
	shift
done

[[ $PREBUILT ]] || {
	install_build_tools
	# shellcheck disable=SC2119
	install_rust
}
build_workspace

RUN=$(mktemp -d "${TMPDIR:-/tmp}/calor-chain-bench.XXXXXX")
REGISTER=$RUN/processes
touch "$REGISTER"

finish() {
	local status=$?
	trap - EXIT
	# A second Ctrl-C must not interrupt this.
	trap '' INT TERM HUP
	kill -KILL ${GUARD:+"$GUARD"} 2>/dev/null || true
	kill_registered "$REGISTER"
	if [[ $status == 0 ]]; then
		rm -rf "$RUN"
	else
		rm -rf "$RUN/state"
		say "the bench failed; the node's log is $RUN/node.log"
	fi
	exit "$status"
}
guard "$REGISTER" "$RUN"
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# A pool that can hold several blocks, since the usual one refuses what a full chain has to wait for. Alone: another
# development chain on this machine would be of the same genesis.
launch "$REGISTER" "$RUN/node.log" "$CALOR_BIN/calor-node" --dev --base-path "$RUN/state" --rpc-port 0 --port 0 \
	--no-prometheus --no-telemetry --no-mdns --reserved-only --pool-limit 65536 --pool-kbytes 131072
NODE=$LAUNCHED
LISTENS='JSON-RPC server: addr=127\.0\.0\.1:'
for ((tries = 0; tries < 600; tries++)); do
	! grep -q "$LISTENS" "$RUN/node.log" || break
	kill -0 "$NODE" 2>/dev/null || break
	sleep 0.1
done
PORT=$(sed -n "s/.*$LISTENS\([0-9]*\).*/\1/p" "$RUN/node.log" | head -n 1)
[[ $PORT ]] || {
	tail -n 30 "$RUN/node.log" >&2
	die "the node did not start"
}

# In the background and waited for, so that a signal is heeded at once.
launch "$REGISTER" "$RUN/bench.log" "$CALOR_BIN/chain-bench" --chain "ws://127.0.0.1:$PORT" ${QUICK:+--quick} \
	${JSON:+--json "$JSON"}
BENCH=$LAUNCHED
tail -n +1 -f --pid="$BENCH" "$RUN/bench.log" >&2 &
TAIL=$!
STATUS=0
wait "$BENCH" || STATUS=$?
wait "$TAIL" || true
cat "$RUN/bench.log.out"
((STATUS == 0)) || exit "$STATUS"
