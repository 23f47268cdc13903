// SPDX-License-Identifier: Apache-2.0
/**
 * A class of hardware in which cheats get a job one after the other, alone, and an honest worker then takes it over. Several
 * lanes of a chain do not disturb each other.
 */
import assert from "node:assert/strict";
import { follow, submit } from "./calor.mjs";
import { account, best, send, untilFinal } from "./chain.mjs";
import { Chronicle } from "./chronicle.mjs";
import * as digits from "./digits.mjs";
import { firstEvent, UNIT } from "./money.mjs";
import { binary, Program } from "./processes.mjs";

/** Names of classes as the command line and as the chain have them. */
const CLASSES = { general: "General", "high-memory": "HighMemory", tensor: "Tensor" };

/** Multiply-accumulates per second that workers of these tests claim: proving it must leave them time to work. */
const MODEST = 10 ** 7;

/** Blocks for which a job may be under way: it is done twice, and disputed. */
const PATIENCE = 240;

/** A chain on which cheats play, with accounts that can pay. */
export class Arena {
	/** @param {import("./stack.mjs").Stack} stack */
	constructor(stack) {
		this.stack = stack;
		this.client = account("//Charlie");
		this.names = new Map();
		this.chronicle = new Chronicle(stack.api, this.names);
		for (const suri of ["//Alice", "//Bob", "//Charlie", "//Dave", "//Eve", "//Ferdie"]) this.name(suri);
	}

	/** Registers the program of the digits. */
	async open() {
		const { api } = this.stack;
		await send(api, api.tx.programs.register(`0x${digits.program.toString("hex")}`), this.client);
	}

	/** Gives accounts money, and remembers their names. @param {Record<string, number>} amounts CAL by secret URI */
	async fund(amounts) {
		const { api } = this.stack;
		const gift = ([suri, amount]) => api.tx.balances.transferKeepAlive(this.name(suri), BigInt(amount) * UNIT);
		await send(api, api.tx.utility.batchAll(Object.entries(amounts).map(gift)), account("//Alice"));
	}

	/** Remembers an account's name. @returns its address */
	name(suri) {
		const { address } = account(suri);
		this.names.set(address, suri);
		return address;
	}

	/** An honest worker. It is ready until {@link Arena#rest}. */
	worker(owner, options = {}) {
		return this.stack.worker(owner, { mac: MODEST, ...options });
	}

	/** A cheat. */
	cheat(owner, kind, options = {}) {
		return this.stack.cheat(owner, kind, { mac: MODEST, ...options });
	}

	/** Takes a worker off duty; a job that it has is finished. */
	rest(owner) {
		return send(this.stack.api, this.stack.api.tx.providers.drain(), account(owner));
	}

	/** Puts it on duty again. */
	wake(owner) {
		return send(this.stack.api, this.stack.api.tx.providers.setReady(true), account(owner));
	}

	/** Submits the digits to a class. @param {object} [change] fields of the specification to replace */
	submit(hardware, change = {}) {
		const spec = digits.spec(this.stack.blobs.url, { class: CLASSES[hardware], ...change });
		return submit(this.stack.api, spec, this.client);
	}

	/** Follows a job, as `calor.follow`, for as long as it takes to do it twice. */
	follow(id, until, options = {}) {
		return follow(this.stack.api, id, until, { patience: PATIENCE, ...options });
	}

	/** Waits until a job, or one of several, has an event of that name. @param {(data: object) => any} [match] tells it from others */
	async event(id, from, name, match = () => true) {
		const [section, method] = name.split(".");
		const ids = [id].flat().map(String);
		const fits = ({ data }) => ids.includes(String(data.job?.isSome ? data.job.unwrap() : data.job)) && match(data);
		const isIt = (it) => it.section === section && it.method === method && fits(it);
		return firstEvent(this.stack.api, from, isIt, best, PATIENCE).catch((error) => {
			throw new Error(`${name} of job ${id}: ${error.message}`);
		});
	}

	/**
	 * Has `calor verify` check a job and prove what is wrong with it.
	 * @param {number | string} id @param {string} suri who asks and proves
	 * @returns {Promise<object>} how it ended
	 */
	async verify(id, suri) {
		const { dir, node } = this.stack;
		const args = ["verify", String(id), "--prove", "--chain", node.url, "--suri", suri, "--json", "--allow-private-fetch", "--wait"];
		const log = `${dir}/verify-${id}.log`;
		const program = new Program(binary("calor"), args, log);
		return { ...(await program.ended), said: program.written("out").trim(), tail: program.tail() };
	}

	/** Says how a kind ended: one line. @param {string} kind @param {string} story @param {number | string} [job] */
	async tell(kind, story, job) {
		await this.chronicle.update();
		const money = job === undefined ? "" : `; ${this.chronicle.balance(job)}`;
		console.log(`byzantine: ${kind}: ${story}${money}`);
	}

	/** Waits until no slash waits any more, so that the accounts show them all. */
	async untilSlashed() {
		const { api } = this.stack;
		const waiting = await api.query.stake.pendingSlashes.entries();
		const last = Math.max(0, ...waiting.map(([, slash]) => slash.unwrap().appliesAt.toNumber()));
		await untilFinal(api, Math.max(last + 3, (await best(api)).number));
		const left = await api.query.stake.pendingSlashes.entries();
		assert.equal(left.length, 0, "every slash has acted");
	}
}

/** One class of an arena. */
export class Lane {
	/** @param {Arena} arena @param {string} hardware class @param {string} owner of the honest worker */
	constructor(arena, hardware, owner) {
		this.arena = arena;
		this.hardware = hardware;
		this.owner = owner;
	}

	/** Starts the honest worker and takes it off duty. */
	async open() {
		this.worker = await this.arena.worker(this.owner, { hardware: this.hardware });
		await this.arena.rest(this.owner);
	}

	/**
	 * Gives a job to a cheat and, once it has it, puts the honest worker on duty.
	 * @param {string} kind @param {object} [change] of the specification
	 */
	async play(kind, change = {}) {
		const { arena, hardware } = this;
		const owner = `//${kind}`;
		const cheat = await arena.cheat(owner, kind, { hardware });
		const job = await arena.submit(hardware, change);
		const address = arena.name(owner);
		await arena.follow(job.id, ({ provider }) => provider === address, { head: best });
		await arena.wake(this.owner);
		return { ...job, kind, cheat, owner, address };
	}

	/** Waits until the honest worker has the job, and takes it off duty for what comes after. */
	async takeOver(id) {
		const address = this.arena.name(this.owner);
		const has = ({ name, provider }) => name !== "Assigned" && provider === address;
		await this.arena.follow(id, has, { head: best });
		await this.arena.rest(this.owner);
	}

	/** Follows the job to its settlement by the honest worker. */
	async settle(id) {
		const settled = await this.arena.follow(id, "Settled");
		assert.equal(settled.state.provider, this.arena.name(this.owner), "another worker did it");
		assert.deepEqual(settled.outputRoots, digits.manifest.outputs.map(({ root }) => root), "and rightly");
		return settled;
	}
}
