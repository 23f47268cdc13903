// SPDX-License-Identifier: Apache-2.0
/** A chain of its own for each test, with workers, and the accounts made up at the end. */
import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobServer } from "./blobs.mjs";
import { InvariantWatch } from "./calor.mjs";
import { connect, finalised } from "./chain.mjs";
import { assertConserved, reconcile, snapshot } from "./money.mjs";
import { binary, freePort, Program } from "./processes.mjs";

/** Milliseconds until a program is there: a node compiles its runtime first, which a busy machine takes long for. */
const START = 180_000;

/** A development node whose state lies in a directory, so that it can be killed and started again. */
export class Node {
	/** @param {string} dir for state and log */
	constructor(dir) {
		this.dir = dir;
		this.port = 0;
	}

	/** Starts it, again under the same address. */
	async start() {
		const args = ["--dev", "--base-path", join(this.dir, "state"), "--rpc-port", this.port, "--port", 0];
		// Accounts are made up from genesis at the end, so no state may be forgotten.
		args.push("--no-prometheus", "--no-telemetry", "--state-pruning", "archive");
		this.program = new Program(binary("calor-node"), args.map(String), join(this.dir, "node.log"));
		const listens = (line) => /JSON-RPC server: addr=127\.0\.0\.1:(\d+)/.exec(line)?.[1];
		this.port = Number(await this.program.line("err", listens, "the node answers on a port", START));
		this.url = `ws://127.0.0.1:${this.port}`;
	}
}

/** A registered worker. */
export class Worker {
	/**
	 * @param {string} dir for data and log @param {string} chain WebSocket address of a node
	 * @param {string} owner secret URI of the owner's account, such as `//Bob`
	 */
	constructor(dir, chain, owner) {
		this.dir = dir;
		this.chain = chain;
		this.owner = owner;
		this.suri = `${owner}//worker`;
	}

	/** Its key, as options of the command line. */
	get key() {
		return this.keyFile ? ["--key-file", this.keyFile] : ["--suri", this.suri];
	}

	/**
	 * Runs a command to its end.
	 * @param {string[]} args of `calor-worker`
	 * @returns {Promise<string>} what it wrote to stdout
	 * @throws if it fails, with the exit code as `code`
	 */
	async command(...args) {
		mkdirSync(this.dir, { recursive: true });
		const program = new Program(binary("calor-worker"), args.map(String), join(this.dir, `${args[0]}.log`));
		const { code, signal, error } = await program.ended;
		if (code === 0) return program.written("out").trim();
		const failed = new Error(`calor-worker ${args[0]} failed (${error ?? signal ?? code}):\n${program.tail()}`);
		throw Object.assign(failed, { code });
	}

	/** Runs a command that the owner signs. @returns what it says, as an object */
	async signed(...args) {
		return JSON.parse(await this.command(...args, "--chain", this.chain, "--owner-suri", this.owner));
	}

	/**
	 * Funds, bonds and registers.
	 * @param {string} [hardware] class @param {number} [mac] multiply-accumulates per second that it claims to do
	 * @param {number} [stake] in CAL
	 */
	async register(hardware = "general", mac = 10 ** 9, stake = 10_000) {
		this.port = await freePort();
		const what = ["--endpoint", `http://127.0.0.1:${this.port}`, "--class", hardware, "--mac-per-second", mac];
		return this.signed("register", ...this.key, ...what, "--stake", stake);
	}

	/** Makes a new worker key and puts it in the place of the old one. @returns what `keys rotate` says */
	async rotate() {
		const file = join(this.dir, "new.key");
		const address = await this.command("keys", "generate", "--key-file", file);
		const rotated = await this.signed("keys", "rotate", "--new-key-file", file);
		this.keyFile = file;
		return { ...rotated, generated: address };
	}

	/**
	 * Starts it, again on the same data, and waits until it is ready.
	 * @param {string[]} [flags] more options of `run` @returns its ready line
	 */
	async start(flags = []) {
		const args = ["run", "--chain", this.chain, "--data", join(this.dir, "data"), ...this.key];
		args.push("--listen", `127.0.0.1:${this.port}`, "--allow-cpu-adapter", "--allow-private-fetch", ...flags);
		this.program = new Program(binary("calor-worker"), args, join(this.dir, "worker.log"));
		const ready = (line) => line.startsWith("{") && JSON.parse(line).event === "ready" && JSON.parse(line);
		return this.program.line("out", ready, "the worker is ready", START);
	}

	/** Waits until it logs a message about a job. @param {string} message @param {number} job */
	logged(message, job) {
		const match = (line) => {
			if (!line.startsWith("{")) return false;
			const entry = JSON.parse(line);
			const fields = { ...entry, ...entry.fields };
			return fields.message === message && Number(fields.job_id) === job;
		};
		return this.program.line("err", match, `"${message}" about job ${job}`, 120_000);
	}
}

/** A worker key that is played by `calor-byzantine`. */
export class Cheat extends Worker {
	/**
	 * Begins to cheat.
	 * @param {string} kind @param {string} [share] folder in which colluders tell each other roots
	 */
	async play(kind, share) {
		const args = ["--chain", this.chain, ...this.key, "--kind", kind, "--listen", `127.0.0.1:${this.port}`];
		if (share) args.push("--share", share);
		this.kind = kind;
		this.program = new Program(binary("calor-byzantine"), args, join(this.dir, "cheat.log"));
		await this.program.line("out", (line) => JSON.parse(line).event === "ready", "the cheat is ready", START);
	}

	/**
	 * Waits until it has tried a step of a job.
	 * @param {number | string} job @param {string} step
	 * @returns {Promise<{ event: "done" | "refused", height: number, reason?: string }>} what the chain said to it
	 */
	tried(job, step) {
		const match = (line) => {
			const entry = JSON.parse(line);
			return entry.job === String(job) && entry.step === step && entry;
		};
		return this.program.line("out", match, `"${step}" of job ${job}`, 240_000);
	}
}

/** One chain with everything that a test starts around it. */
export class Stack {
	/** @private */
	constructor(dir) {
		this.dir = dir;
		this.node = new Node(dir);
		this.workers = [];
		this.blobs = new BlobServer();
	}

	/** Starts chain, blob server and invariant watch. */
	async start() {
		await Promise.all([this.node.start(), this.blobs.start()]);
		this.api = await connect(this.node.url);
		this.watch = new InvariantWatch(this.api);
		const genesis = await this.api.rpc.chain.getBlockHash(0);
		this.genesis = await snapshot(this.api, { number: 0, hash: genesis.toHex() });
	}

	/** A worker that is registered and, unless told otherwise, running. `mac`, `stake` and `flags`: see {@link Worker}. */
	async worker(owner, { hardware, mac, stake, flags, run = true } = {}) {
		const worker = new Worker(this.#folder(owner), this.node.url, owner);
		this.workers.push(worker);
		worker.registered = await worker.register(hardware, mac, stake);
		if (run) worker.ready = await worker.start(flags);
		return worker;
	}

	/**
	 * A worker that is registered and cheats.
	 * @param {string} owner secret URI @param {string} kind of `calor-byzantine`
	 * @param {{ hardware?: string, mac?: number, stake?: number, share?: string }} [options] `share`: see {@link Cheat}
	 */
	async cheat(owner, kind, { hardware, mac, stake, share } = {}) {
		const cheat = new Cheat(this.#folder(owner), this.node.url, owner);
		this.workers.push(cheat);
		cheat.registered = await cheat.register(hardware, mac, stake);
		await cheat.play(kind, share);
		return cheat;
	}

	#folder(owner) {
		return join(this.dir, owner.replaceAll("/", ""));
	}

	/** Makes up the accounts at the last final block. @returns fees and movements by account since genesis */
	async audit() {
		const now = await snapshot(this.api, await finalised(this.api));
		assertConserved(now);
		return { ...(await reconcile(this.api, this.genesis, now)), ...now };
	}

	/** Ends everything. */
	async close() {
		await Promise.all(this.workers.map((worker) => worker.program?.kill()));
		if (this.watch) this.watch.stopped = true;
		await this.api?.disconnect();
		await this.node.program?.kill();
		await this.blobs.stop();
	}
}

/**
 * Runs a test on a chain of its own. Afterwards all invariants must have held at every block, and every account must hold
 * what the events say.
 * @param {(stack: Stack) => Promise<void>} body
 */
export function onChain(body) {
	return async () => {
		const dir = mkdtempSync(join(tmpdir(), "calor-e2e-"));
		const stack = new Stack(dir);
		try {
			await stack.start();
			await Promise.race([body(stack), stack.watch.task.then(() => new Promise(() => {}))]);
			await stack.audit();
			const checked = await stack.watch.stop();
			if (!checked) throw new Error("the invariants were checked at no block");
			await stack.close();
			rmSync(dir, { recursive: true, force: true });
		} catch (error) {
			const programs = [stack.node, ...stack.workers].map(({ program }) => program).filter(Boolean);
			const tails = programs.map((program) => `--- ${program}\n${program.tail()}`);
			console.error(`Logs are kept in ${dir}.\n${tails.join("\n")}`);
			throw error;
		} finally {
			await stack.close();
		}
	};
}
