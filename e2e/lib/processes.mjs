// SPDX-License-Identifier: Apache-2.0
/**
 * Child processes that never outlive the test: each leads a process group of its own, is written down where the calling
 * script can find it, and is killed with its whole group when this process exits.
 */
import { spawn } from "node:child_process";
import { appendFileSync, closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds that a process gets to end by itself. */
const GRACE = 5_000;

/** @type {Set<number>} Leaders of the groups that are alive. */
const groups = new Set();

function killGroup(pid, signal) {
	try {
		process.kill(-pid, signal);
	} catch (error) {
		if (error.code !== "ESRCH") throw error;
	}
}

process.on("exit", () => {
	for (const pid of groups) killGroup(pid, "SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
	process.on(signal, () => process.exit(1));
}

/** Writes a group down for `scripts/lib/processes.sh`, which cleans up even if this process is killed. */
function record(pid) {
	const register = process.env.CALOR_PROCESSES;
	if (!register) return;
	// The start time tells this process from a later one of the same number.
	const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
	const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
	appendFileSync(register, `${pid} ${started}\n`);
}

/** A running program whose output goes to files. */
export class Program {
	/**
	 * @param {string} command path of the program
	 * @param {string[]} args its arguments
	 * @param {string} log where its output goes: `log` gets stderr, `log.out` stdout; both are appended to
	 */
	constructor(command, args, log) {
		this.log = log;
		const [out, err] = [openSync(`${log}.out`, "a"), openSync(log, "a")];
		this.marks = { out: readFileSync(`${log}.out`).length, err: readFileSync(log).length };
		this.child = spawn(command, args, { detached: true, stdio: ["ignore", out, err] });
		closeSync(out);
		closeSync(err);
		this.ended = new Promise((resolve) => {
			this.child.once("exit", (code, signal) => resolve({ code, signal }));
			this.child.once("error", (error) => resolve({ error }));
		});
		if (this.child.pid === undefined) return;
		const pid = this.child.pid;
		groups.add(pid);
		record(pid);
		this.ended.then(() => {
			// Whatever the leader left behind goes with it.
			killGroup(pid, "SIGKILL");
			groups.delete(pid);
		});
	}

	/** What this run has written so far. @param {"out" | "err"} stream */
	written(stream) {
		const path = stream === "out" ? `${this.log}.out` : this.log;
		return readFileSync(path).subarray(this.marks[stream]).toString("utf8");
	}

	/**
	 * Waits for a line.
	 * @param {"out" | "err"} stream where
	 * @param {(line: string) => any} match gives something truthy for the line that is waited for
	 * @param {string} what the line means, for the error
	 * @param {number} [timeout] milliseconds
	 * @returns {Promise<any>} what `match` gave
	 */
	async line(stream, match, what, timeout = 60_000) {
		let over;
		this.ended.then((end) => (over = end));
		for (const until = Date.now() + timeout; Date.now() < until; await sleep(50)) {
			for (const line of this.written(stream).split("\n").slice(0, -1)) {
				const found = match(line);
				if (found) return found;
			}
			if (over) throw new Error(`${this} ended (${describe(over)}) before: ${what}\n${this.tail()}`);
		}
		throw new Error(`${this} did not come to this within ${timeout} ms: ${what}\n${this.tail()}`);
	}

	/** The last lines that it has written. */
	tail(lines = 30) {
		return (this.written("out") + this.written("err")).split("\n").slice(-lines).join("\n");
	}

	/** Ends it at once, as a power cut would. */
	async kill() {
		if (this.child.pid !== undefined) killGroup(this.child.pid, "SIGKILL");
		await this.ended;
	}

	/** Asks it to end, and makes it end if it does not. @returns how it ended */
	async stop() {
		if (this.child.pid === undefined) return this.ended;
		this.child.kill("SIGTERM");
		const over = await Promise.race([this.ended, sleep(GRACE, undefined, { ref: false })]);
		if (!over) await this.kill();
		return this.ended;
	}

	toString() {
		return `${this.child.spawnfile} (pid ${this.child.pid}, log ${this.log})`;
	}
}

function describe({ code, signal, error }) {
	return error ? error.message : signal ? `by ${signal}` : `with exit code ${code}`;
}

/** A TCP port of this machine on which nobody listens now. @returns {Promise<number>} */
export function freePort() {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}

/**
 * Path of one of our programs: from `CALOR_BIN`, or else from cargo's target directory.
 * @param {"calor-node" | "calor-worker" | "calor" | "calor-byzantine"} name
 */
export function binary(name) {
	const cache = process.env.XDG_CACHE_HOME || `${process.env.HOME}/.cache`;
	const target = process.env.CARGO_TARGET_DIR || `${cache}/calor/target`;
	return `${process.env.CALOR_BIN || `${target}/release`}/${name}`;
}
