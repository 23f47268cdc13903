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
		this.port = Number(await this.program.line("err", listens, "the node answers on a port"));
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

	/** Funds, bonds and registers. @param {string} [hardware] class */
	async register(hardware = "general") {
		mkdirSync(this.dir, { recursive: true });
		this.port = await freePort();
		const args = ["register", "--chain", this.chain, "--owner-suri", this.owner, "--suri", this.suri];
		args.push("--endpoint", `http://127.0.0.1:${this.port}`, "--class", hardware);
		const program = new Program(binary("calor-worker"), args, join(this.dir, "register.log"));
		const { code, signal, error } = await program.ended;
		if (code !== 0) throw new Error(`calor-worker register failed (${error ?? signal ?? code}):\n${program.tail()}`);
		return JSON.parse(program.written("out"));
	}

	/** Starts it, again on the same data, and waits until it is ready. @returns its ready line */
	async start() {
		const args = ["run", "--chain", this.chain, "--data", join(this.dir, "data"), "--suri", this.suri];
		args.push("--listen", `127.0.0.1:${this.port}`, "--allow-cpu-adapter", "--allow-private-fetch");
		this.program = new Program(binary("calor-worker"), args, join(this.dir, "worker.log"));
		const ready = (line) => line.startsWith("{") && JSON.parse(line).event === "ready" && JSON.parse(line);
		return this.program.line("out", ready, "the worker is ready", 120_000);
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

	/** A worker that is registered and, unless told otherwise, running. */
	async worker(owner, { hardware, run = true } = {}) {
		const dir = join(this.dir, owner.replaceAll("/", ""));
		const worker = new Worker(dir, this.node.url, owner);
		this.workers.push(worker);
		worker.registered = await worker.register(hardware);
		if (run) worker.ready = await worker.start();
		return worker;
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
