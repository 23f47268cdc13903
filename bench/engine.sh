#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures the engines beside their peers and the machine's limits; README.md says what and how.
set -euo pipefail

usage() {
	cat <<-'END'
		usage: bench/engine.sh [--quick] [--json FILE] [--gpu | --cpu] [--only TEXT] [--pack DIR]

		  --quick       fewer and smaller cases, shorter measurements
		  --json FILE   write the rows to FILE as well
		  --gpu         only the GPU; needs neither network nor Rust where --pack has been
		  --cpu         only the CPU
		  --only TEXT   only cases whose name contains TEXT
		  --pack DIR    measure nothing; put into DIR what `DIR/engine.sh --gpu` needs on another machine
	END
}

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/calor
say() { printf '%s\n' "==> $*" >&2; }
die() {
	printf '%s\n' "error: $*" >&2
	exit 1
}

# Sets PROGRAM: in a pack what was packed, in a checkout what is built now, for nothing stale may be measured.
find_program() {
	PROGRAM=$HERE/bin/engine-bench
	[[ -e $HERE/Cargo.toml || ! -x $PROGRAM ]] || return 0
	local target=${CARGO_TARGET_DIR:-$CACHE/target}
	command -v cargo >/dev/null || export PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
	command -v cargo >/dev/null || die "cargo is missing, and nothing was packed: install Rust from https://rustup.rs, or run --pack elsewhere"
	say "building in $target"
	(cd "$HERE" && CARGO_TARGET_DIR=$target cargo build --release --locked --package calor-bench >&2 </dev/null)
	PROGRAM=$target/release/engine-bench
}

# Sets CPU_PEER, a program and its arguments, or nothing: onnxruntime in an environment of its own.
find_cpu_peer() {
	local venv=$CACHE/bench-venv
	CPU_PEER=()
	if ! cmp -s "$HERE/requirements.txt" "$venv/installed"; then
		say "installing onnxruntime in $venv"
		if ! { python3 -m venv --clear "$venv" && "$venv/bin/pip" install -q -r "$HERE/requirements.txt"; } >&2; then
			say "onnxruntime could not be installed (network? python3-venv?): CPU rows have no peer"
			return 0
		fi
		cp "$HERE/requirements.txt" "$venv/installed"
	fi
	CPU_PEER=("$venv/bin/python" "$HERE/peers/onnx_peer.py")
}

# Sets GPU_PEER, likewise, if python3 has a torch that sees a GPU.
find_gpu_peer() {
	GPU_PEER=()
	if python3 -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
		GPU_PEER=(python3 "$HERE/peers/torch_peer.py")
	else
		say "python3 has no torch with CUDA: GPU rows have no peer"
	fi
}

# Lets the Vulkan loader and NVIDIA's driver be found where they are not in the usual places.
find_vulkan() {
	if ! ldconfig -p 2>/dev/null | grep -q 'libvulkan\.so\.1' && [[ -e $HERE/lib/libvulkan.so.1 ]]; then
		export LD_LIBRARY_PATH=$HERE/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
	fi
	local driver=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
	if [[ -z ${VK_DRIVER_FILES:-} && -e $driver ]] &&
		! compgen -G '/usr/share/vulkan/icd.d/nvidia*.json' >/dev/null &&
		! compgen -G '/etc/vulkan/icd.d/nvidia*.json' >/dev/null; then
		export VK_DRIVER_FILES=$driver
	fi
}

# pack DIRECTORY
pack() {
	local loader
	mkdir -p "$1/bin" "$1/lib" "$1/peers"
	cp "$PROGRAM" "$1/bin/engine-bench"
	cp "$HERE/engine.sh" "$HERE/requirements.txt" "$HERE/README.md" "$1"
	cp "$HERE"/peers/*.py "$1/peers"
	loader=$(ldconfig -p | sed -n 's/.*libvulkan\.so\.1.*x86-64.* => //p' | head -n 1)
	[[ $loader ]] || loader=$(ldconfig -p | sed -n 's/.*libvulkan\.so\.1.* => //p' | head -n 1)
	[[ $loader ]] || die "libvulkan.so.1 is not on this machine: install libvulkan1"
	cp -L "$loader" "$1/lib/libvulkan.so.1"
	say "packed; on the other machine run: $1/engine.sh --gpu"
}

main() {
	local quick='' json='' devices=both only='' pack=''
	while (($#)); do
		case $1 in
			--quick) quick=1 ;;
			--gpu) devices=gpu ;;
			--cpu) devices=cpu ;;
			--json | --only | --pack)
				(($# > 1)) || die "$1 needs a value"
				case $1 in
					--json) json=$2 ;;
					--only) only=$2 ;;
					--pack) pack=$2 ;;
				esac
				shift
				;;
			-h | --help)
				usage
				return
				;;
			*)
				usage >&2
				exit 2
				;;
		esac
		shift
	done

	find_program
	if [[ $pack ]]; then
		pack "$pack"
		return
	fi
	find_vulkan
	local arguments=()
	if [[ $devices != gpu ]]; then
		find_cpu_peer
		arguments+=(--device cpu)
		arguments+=("${CPU_PEER[@]/#/--cpu-peer=}")
	fi
	if [[ $devices != cpu ]]; then
		local adapter
		adapter=$("$PROGRAM" --list 2>/dev/null) || true
		case $adapter in
			GPU*)
				find_gpu_peer
				arguments+=(--device gpu)
				arguments+=("${GPU_PEER[@]/#/--gpu-peer=}")
				;;
			CPU*)
				say "no GPU is at hand, only a CPU adapter (${adapter#* }): GPU figures cannot be measured here"
				if [[ $quick ]]; then
					say "a few small cases on the CPU adapter follow, to show that the GPU part runs"
					arguments+=(--device gpu --allow-cpu-adapter)
				elif [[ $devices == gpu ]]; then
					die "nothing to measure; --quick runs a few small cases on the CPU adapter"
				fi
				;;
			*)
				say "no GPU is at hand, nor any Vulkan driver: GPU figures cannot be measured here"
				[[ $devices != gpu ]] || die "nothing to measure"
				;;
		esac
	fi
	[[ -z $quick ]] || arguments+=(--quick)
	[[ -z $json ]] || arguments+=(--json "$json")
	[[ -z $only ]] || arguments+=(--only "$only")
	"$PROGRAM" "${arguments[@]}"
}

main "$@"
