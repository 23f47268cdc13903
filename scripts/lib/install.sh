# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Installs what a bare Debian or Ubuntu with rustup lacks, and says so. Sourced, never run.

readonly NODE_MAJOR=18

as_root() {
	if [[ $(id -u) == 0 ]]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "installing packages needs root: run this as root, install sudo, or run yourself: $*"
	fi
}

# apt_install PACKAGE...: installs packages unless all of them are there.
apt_install() {
	local package missing=()
	for package in "$@"; do
		[[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
			missing+=("$package")
	done
	((${#missing[@]})) || return 0
	command -v apt-get >/dev/null || die "please install: ${missing[*]}"
	say "installing Debian packages: ${missing[*]}"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 </dev/null ||
		say "apt-get update failed; going on with the package lists that are there"
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 </dev/null ||
		die "these packages could not be installed: ${missing[*]}"
}

# install_rust [COMPONENT...]: the pinned toolchain, what the runtime needs, and these components.
# shellcheck disable=SC2120 # the demo needs no components
install_rust() {
	command -v rustup >/dev/null || export PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
	command -v rustup >/dev/null || die "rustup is missing: install it from https://rustup.rs, then run this again"
	# rustup reads rust-toolchain.toml, but where its automatic installation is off it adds nothing and says nothing.
	local channel
	channel=$(sed -n 's/^channel = "\(.*\)"$/\1/p' "$ROOT/rust-toolchain.toml")
	rustup run "$channel" rustc --version >/dev/null 2>&1 || {
		say "installing Rust $channel"
		rustup toolchain install "$channel" --profile minimal >&2
	}
	local target=wasm32v1-none
	rustup target list --toolchain "$channel" --installed | grep -qx "$target" || {
		say "adding the Rust target $target"
		rustup target add --toolchain "$channel" "$target" >&2
	}
	local component
	for component in "$@"; do
		rustup component list --toolchain "$channel" --installed | grep -q "^$component" || {
			say "adding the Rust component $component"
			rustup component add --toolchain "$channel" "$component" >&2
		}
	done
}

# What builds the node and the worker.
install_build_tools() {
	command -v cc >/dev/null || apt_install build-essential
	command -v protoc >/dev/null || apt_install protobuf-compiler
}

# A graphics driver: Mesa's, which runs on the CPU too, where there is no NVIDIA.
install_gpu_driver() {
	ldconfig -p 2>/dev/null | grep -q 'libvulkan\.so\.1' || apt_install libvulkan1
	if compgen -G '/usr/share/vulkan/icd.d/*.json' >/dev/null || compgen -G '/etc/vulkan/icd.d/*.json' >/dev/null; then
		return
	fi
	apt_install mesa-vulkan-drivers
}

node_is_recent() {
	command -v node >/dev/null &&
		(($(node -p 'process.versions.node.split(".")[0]') >= NODE_MAJOR))
}

# Node and the locked packages of e2e/.
install_node() {
	node_is_recent || apt_install nodejs
	node_is_recent || die "Node.js $NODE_MAJOR or newer is needed, and this system's is older: see https://nodejs.org"
	command -v npm >/dev/null || apt_install npm
	local modules=$ROOT/e2e/node_modules
	# Another script may be installing the same.
	exec 9<"$ROOT/e2e/package-lock.json"
	flock 9
	if [[ -e $modules/.calor-lock ]] && cmp -s "$ROOT/e2e/package-lock.json" "$modules/.calor-lock"; then
		return
	fi
	say "installing the locked npm packages of e2e/"
	(cd "$ROOT/e2e" && npm ci --no-audit --no-fund --loglevel=error >&2 </dev/null)
	cp "$ROOT/e2e/package-lock.json" "$modules/.calor-lock"
	exec 9<&-
}
