# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Leaves no process behind. Every process that is started leads a group of its own and stands in a register with its start
# time, so that it can be found and is never mistaken for a later one of the same number. Sourced, never run.

# started PID: when that process started, in clock ticks since boot; nothing if it is gone or only waits to be reaped.
started() {
	local stat fields
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
	read -r -a fields <<<"${stat##*) }"
	[[ ${fields[0]} != Z ]] || return 0
	printf '%s' "${fields[19]}"
}

# is_alive PID START
is_alive() { [[ -n $2 && $(started "$1") == "$2" ]]; }

# launch REGISTER LOG COMMAND...: starts a process group in the background, with stdout in LOG.out and stderr in LOG.
# Its pid is in LAUNCHED.
launch() {
	local register=$1 log=$2
	shift 2
	setsid "$@" >"$log.out" 2>"$log" </dev/null &
	LAUNCHED=$!
	printf '%s %s\n' "$LAUNCHED" "$(started "$LAUNCHED")" >>"$register"
}

# kill_registered REGISTER: ends all groups of the register, first with a request, then by force.
kill_registered() {
	local register=$1 pid start signal
	[[ -e $register ]] || return 0
	for signal in TERM KILL; do
		while read -r pid start; do
			# The leader may be gone and its group not: the group keeps the number until its last member is gone.
			if is_alive "$pid" "$start" || [[ -z $(started "$pid") ]]; then
				kill -"$signal" -- "-$pid" 2>/dev/null || true
			fi
		done <"$register"
		[[ $signal == KILL ]] || wait_gone "$register" || true
	done
}

# wait_gone REGISTER: waits up to 5 seconds until all leaders are gone.
wait_gone() {
	local pid start tries
	for ((tries = 0; tries < 50; tries++)); do
		local alive=0
		while read -r pid start; do
			! is_alive "$pid" "$start" || alive=1
		done <"$1"
		((alive)) || return 0
		sleep 0.1
	done
	return 1
}

# guard REGISTER DIRECTORY: a watchdog that clears up should this script be killed without a chance to do so itself.
guard() {
	local register=$1 directory=$2
	# shellcheck disable=SC2016 # the other shell expands it
	setsid bash -c '
		set -u
		source "$1/lib/processes.sh"
		while is_alive "$2" "$3"; do sleep 0.5; done
		kill_registered "$4"
		rm -rf "$5"
	' guard "$ROOT/scripts" "$$" "$(started "$$")" "$register" "$directory" >/dev/null 2>&1 </dev/null &
	GUARD=$!
	disown "$GUARD"
}
