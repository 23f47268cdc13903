// SPDX-License-Identifier: Apache-2.0
/** What a client of Calor does: submit a job, watch it, fetch its outputs. */
import { setTimeout as sleep } from "node:timers/promises";
import { best, blocks, finalised, send } from "./chain.mjs";

/** What a job asks for beside program and tensors, if nothing else is said: the cheapest and least patient terms. */
export const TERMS = {
	class: "General",
	maxPrice: 10n ** 12n,
	tip: 0,
	assurance: "Optimistic",
	valueAtRisk: 0,
	startOn: "Settled",
	deliverWithin: 100,
	reference: null,
};

/** Blocks after which whoever waits for a job gives up. */
const PATIENCE = 120;

/** Asks the `calor_` namespace of the node's JSON-RPC. */
export function rpc(api, method, ...params) {
	return api._rpcCore.provider.send(`calor_${method}`, params);
}

/** A job as `calor_job` gives it. @param {number} id @param {string} [at] hash of a block; else the best */
export function job(api, id, at = null) {
	return rpc(api, "job", id, at);
}

/**
 * What `jobs.Submitted` says of a job: its number, and each line of its bill in planck.
 * `escrow` is paid in credits and goes to work, audits and queue as far as it is spent; `withheld` is a part of `price`;
 * `deposit` and `access` only stand still for a while.
 */
export function bill(data) {
	const line = (name) => data[name].toBigInt();
	const names = ["price", "withheld", "levy", "tip", "access", "deposit"];
	const lines = Object.fromEntries(names.map((name) => [name, line(name)]));
	const { price, levy, tip, access, deposit } = lines;
	const escrow = price + levy + tip;
	return { id: data.job.toNumber(), ...lines, escrow, held: escrow + access + deposit };
}

/** Submits a job as {@link send} does. @returns its number, its {@link bill}, and what {@link send} gives */
export async function submit(api, spec, client, options) {
	const sent = await send(api, api.tx.jobs.submit(spec), client, options);
	return { ...sent, ...bill(sent.event("jobs.Submitted")) };
}

/** Submits several jobs at once, all or none. @returns the {@link bill} of each, and what {@link send} gives */
export async function submitBatch(api, specs, client, options) {
	const sent = await send(api, api.tx.jobs.submitBatch(specs), client, options);
	const submitted = sent.events.filter((event) => api.events.jobs.Submitted.is(event));
	return { ...sent, jobs: submitted.map(({ data }) => bill(data)) };
}

/** Credits of an account and what it can claim, as `calor_purse` gives them, its amounts as big integers. */
export async function purse(api, address, at = null) {
	const { credits, rewards } = await rpc(api, "purse", address, at);
	return {
		credits: credits.map(({ amount, refundableAt }) => ({ amount: BigInt(amount), refundableAt })),
		rewards: rewards.map(({ epoch, untilEpoch, availability, work }) => ({
			epoch,
			untilEpoch,
			availability: BigInt(availability),
			work: BigInt(work),
		})),
	};
}

/** A job's state in words. */
export function describe({ name, provider, reason, fault, parent }) {
	const what = fault ?? (parent && `job ${parent}`);
	const why = reason ? ` (${reason}${what ? `: ${what}` : ""})` : "";
	return `${name}${why}${provider ? ` with ${provider}` : ""}`;
}

/**
 * Follows a job block by block.
 * @param {number} id
 * @param {(state: object, view: object) => any} until gives something truthy when the wait is over; or a state's name
 * @param {object} [options]
 * @param {typeof finalised} [options.head] which blocks count
 * @param {(state: object, block: object) => void} [options.onState] is told of each new state
 * @param {number} [options.patience] blocks to wait
 * @returns {Promise<object>} the job as {@link job} gives it, with the block as `seen` and all states met as `history`
 */
export async function follow(api, id, until, { head = finalised, onState = () => {}, patience = PATIENCE } = {}) {
	const reached = typeof until === "string" ? ({ name }) => name === until : until;
	const history = [];
	let first;
	for await (const block of blocks(api, head)) {
		first ??= block.number;
		if (block.number > first + patience) throw new Error(`job ${id} got no further than ${history.join(" -> ")}`);
		const view = await job(api, id, block.hash).catch((error) => {
			// Not there yet, or the node is being restarted.
			if (error.code === 11_003 || /disconnect|not connected|No response|closed/i.test(error.message)) return;
			throw error;
		});
		if (!view) continue;
		const { state } = view;
		if (history.at(-1) !== describe(state)) {
			history.push(describe(state));
			onState(state, block);
		}
		if (reached(state, view)) return { ...view, seen: block, history };
		const over = ["Settled", "Closed"].includes(state.name);
		if (over) throw new Error(`job ${id} ended elsewhere: ${history.join(" -> ")}`);
	}
}

/** Checks all invariants at a block. @throws if one does not hold */
export async function checkInvariants(api, { hash, number }) {
	const result = (await api.rpc.state.call("InvariantsApi_check_invariants", "0x", hash)).toU8a(true);
	if (result[0] === 0) return;
	// Err of a byte vector; its compact length takes one or two bytes.
	const words = Buffer.from(result.subarray(result[1] & 1 ? 3 : 2)).toString("utf8");
	throw new Error(`an invariant is broken at block ${number}: ${words}`);
}

/** Checks the invariants at every block from the first until it is stopped. */
export class InvariantWatch {
	/** @param {import("@polkadot/api").ApiPromise} api */
	constructor(api) {
		this.checked = 0;
		this.stopped = false;
		this.task = this.#run(api);
		// Thrown by `stop`, not before anybody waits for it.
		this.task.catch(() => {});
	}

	async #run(api) {
		for await (const block of blocks(api, best, { from: 1, stopped: () => this.stopped })) {
			try {
				await checkInvariants(api, block);
				this.checked++;
			} catch (error) {
				if (/an invariant is broken/.test(error.message)) throw error;
				// The node was killed between two questions; the block is asked for again if it is still there.
			}
		}
	}

	/** Ends the watch. @returns {Promise<number>} how many blocks were checked @throws if an invariant was broken */
	async stop() {
		this.stopped = true;
		await this.task;
		return this.checked;
	}
}

/**
 * Headers that let a client fetch outputs before they are revealed: its signature over
 * `"calor/fetch/1" || genesis hash || job u64 LE || expiry u32 LE`.
 * @param {number} expiry last block for which it is good
 */
export function fetchHeaders(api, id, expiry, client) {
	const numbers = Buffer.alloc(12);
	numbers.writeBigUInt64LE(BigInt(id));
	numbers.writeUInt32LE(expiry, 8);
	const message = Buffer.concat([Buffer.from("calor/fetch/1"), api.genesisHash.toU8a(), numbers]);
	const signature = Buffer.from(client.sign(message)).toString("hex");
	return { "x-calor-expiry": String(expiry), "x-calor-signature": `0x${signature}` };
}

/**
 * Fetches an output of a job from its worker, trying again while the worker does not have it yet.
 * @param {string} endpoint as the job's view gives it @param {number} id @param {number} index
 * @param {Record<string, string>} [headers] from {@link fetchHeaders}; none are needed once the result is revealed
 * @returns {Promise<Buffer>}
 */
export async function fetchOutput(endpoint, id, index, headers = {}) {
	const url = `${endpoint.replace(/\/$/, "")}/outputs/${id}/${index}`;
	let trouble;
	for (let attempt = 0; attempt < 40; attempt++, await sleep(250)) {
		try {
			const response = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
			if (response.ok) return Buffer.from(await response.arrayBuffer());
			trouble = `${response.status} ${await response.text()}`;
		} catch (error) {
			trouble = error.cause?.message ?? error.message;
		}
	}
	throw new Error(`${url} gives nothing: ${trouble}`);
}

/**
 * Roots of what every operation of a program defines, computed by the runtime's own reference.
 * @param {Buffer} program @param {Buffer[]} operands blobs of inputs and constants
 * @returns {Promise<string[]>}
 */
export async function evaluate(api, program, operands) {
	const hex = (bytes) => `0x${bytes.toString("hex")}`;
	const result = await api.call.programsApi.evaluate(hex(program), operands.map(hex));
	if (result.isErr) throw new Error(`the runtime cannot run this program: ${result.asErr.toUtf8()}`);
	return result.asOk.map((root) => root.toHex());
}
