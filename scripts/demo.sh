#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole line, from nothing to a paid job: installs what is missing, builds, starts a development chain and a worker,
# has 599 handwritten digits recognised, and makes up the accounts. See --help.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
source "$ROOT/scripts/lib/install.sh"
source "$ROOT/scripts/lib/build.sh"
source "$ROOT/scripts/lib/processes.sh"

usage() {
	cat <<-END
		Usage: scripts/demo.sh [--keep]

		Submits the digits job to a chain and a worker on this machine. Progress goes to stderr; the last line on stdout is
		one JSON object. Exits with 0 only if the output root is the CPU reference's and the money adds up to the last planck.

		  --keep    leave chain and worker running, and print where they are and how to stop them

		CALOR_BIN names a folder with calor-node and calor-worker, if they need not be built.
	END
}

KEEP=
for argument in "$@"; do
	case $argument in
		--keep) KEEP=1 ;;
		-h | --help) usage && exit ;;
		*) usage >&2 && die "unknown argument: $argument" ;;
	esac
done

[[ $PREBUILT ]] || {
	install_build_tools
	# shellcheck disable=SC2119
	install_rust
}
install_gpu_driver
install_node
build_workspace

RUN=$(mktemp -d "${TMPDIR:-/tmp}/calor-demo.XXXXXX")
REGISTER=$RUN/processes
touch "$REGISTER"

finish() {
	local status=$?
	trap - EXIT
	# A second Ctrl-C must not interrupt this.
	trap '' INT TERM HUP
	kill -KILL ${GUARD:+"$GUARD"} ${TAIL:+"$TAIL"} 2>/dev/null || true
	if [[ $status == 0 && $KEEP ]]; then
		exit 0
	fi
	kill_registered "$REGISTER"
	if [[ $status == 0 ]]; then
		rm -rf "$RUN"
	else
		say "the demo failed; logs are in $RUN"
	fi
	exit "$status"
}
guard "$REGISTER" "$RUN"
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# until_line FILE PATTERN PID WHAT: waits until a line of the file matches, or the process has ended.
until_line() {
	local file=$1 pattern=$2 pid=$3 what=$4 tries
	for ((tries = 0; tries < 600; tries++)); do
		! grep -q -- "$pattern" "$file" 2>/dev/null || return 0
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	tail -n 30 "$file" >&2
	die "$what; see $file"
}

STARTED=$(date +%s%3N)
launch "$REGISTER" "$RUN/node.log" "$CALOR_BIN/calor-node" --dev --base-path "$RUN/state" --rpc-port 0 --port 0 \
	--no-prometheus --no-telemetry --state-pruning archive
NODE=$LAUNCHED
LISTENS='JSON-RPC server: addr=127\.0\.0\.1:'
until_line "$RUN/node.log" "$LISTENS" "$NODE" "the node did not start"
CHAIN=ws://127.0.0.1:$(sed -n "s/.*$LISTENS\([0-9]*\).*/\1/p" "$RUN/node.log" | head -n 1)
ENDPOINT=127.0.0.1:$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => {
	console.log(s.address().port); s.close() })')
WORKER_KEY=//Bob//worker

# The client registers its program while the worker starts, and posts its job when that is ready.
launch "$REGISTER" "$RUN/client.log" node "$ROOT/e2e/demo.mjs" \
	--chain "$CHAIN" --worker-out "$RUN/worker.log.out" --started "$STARTED"
CLIENT=$LAUNCHED
tail -n +1 -f --pid="$CLIENT" "$RUN/client.log" >&2 &
TAIL=$!

launch "$REGISTER" "$RUN/register.log" "$CALOR_BIN/calor-worker" register --chain "$CHAIN" \
	--owner-suri //Bob --suri "$WORKER_KEY" --endpoint "http://$ENDPOINT"
wait "$LAUNCHED" || {
	cat "$RUN/register.log" >&2
	die "the worker could not be registered"
}
launch "$REGISTER" "$RUN/worker.log" "$CALOR_BIN/calor-worker" run --chain "$CHAIN" --data "$RUN/worker" \
	--suri "$WORKER_KEY" --listen "$ENDPOINT" --allow-cpu-adapter --allow-private-fetch
WORKER=$LAUNCHED

# Whichever ends first decides: the client when it is done, node or worker when they have failed.
wait -n "$CLIENT" "$WORKER" "$NODE" || true
STATUS=0
if kill -0 "$CLIENT" 2>/dev/null; then
	tail -n 20 "$RUN/worker.log" "$RUN/node.log" >&2
	die "the node or the worker ended before the job did"
fi
wait "$CLIENT" || STATUS=$?
wait "$TAIL" || true
TAIL=
((STATUS == 0)) || {
	tail -n 20 "$RUN/worker.log" >&2
	exit "$STATUS"
}

if [[ $KEEP ]]; then
	say "chain      $CHAIN (pid $NODE)"
	say "worker     http://$ENDPOINT (pid $WORKER)"
	say "data, logs $RUN"
	say "to stop    kill $WORKER $NODE && rm -r $RUN"
fi
tail -n 1 "$RUN/client.log.out"
