#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes client/metadata.scale from a node: `scripts/metadata.sh [path of calor-node]`, or with CALOR_NODE_URL=http://...
# from one that runs. Do so after every change of a call, event, error, storage item or runtime API.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/calor/target}
node=${1:-$target/release/calor-node}
url=${CALOR_NODE_URL:-}
out=$root/client/metadata.scale

if [ -z "$url" ]; then
	port=${CALOR_METADATA_PORT:-19944}
	url=http://127.0.0.1:$port
	"$node" --dev --tmp --rpc-port "$port" --port "$((port + 1))" --no-prometheus >/dev/null 2>&1 &
	trap 'kill $! 2>/dev/null || true' EXIT
fi
url=$(printf %s "$url" | sed 's/^ws/http/')

# Metadata 16, the newest that the client reads. The answer is SCALE: an option, then bytes with a compact length.
tries=0
until answer=$(curl -sf -H 'content-type: application/json' "$url" -d \
	'{"jsonrpc":"2.0","id":1,"method":"state_call","params":["Metadata_metadata_at_version","0x10000000"]}'); do
	tries=$((tries + 1))
	[ "$tries" -lt 60 ] || { echo "no node answers at $url" >&2; exit 1; }
	sleep 1
done
printf %s "$answer" | python3 -c '
import json, sys

answer = json.load(sys.stdin)
raw = bytes.fromhex((answer.get("result") or "0x00")[2:])
if raw[0] != 1:
    sys.exit(f"the node has no metadata 16: {answer}")
metadata = raw[1 + {0: 1, 1: 2, 2: 4}.get(raw[1] & 3, (raw[1] >> 2) + 5):]
if metadata[:4] != b"meta":
    sys.exit("the answer is not metadata")
with open(sys.argv[1], "wb") as file:
    file.write(metadata)
print(f"{sys.argv[1]}: {len(metadata)} bytes")
' "$out"
