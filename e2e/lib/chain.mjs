// SPDX-License-Identifier: Apache-2.0
/** Talking to a chain: connecting, signing, waiting for finality. Nothing here is special to Calor. */
import { setTimeout as sleep } from "node:timers/promises";
import { ApiPromise, Keyring, WsProvider } from "@polkadot/api";
import { cryptoWaitReady } from "@polkadot/util-crypto";

/** Milliseconds within which a transaction must be final. */
const FINALITY = 60_000;
/** Milliseconds between two attempts to reach a node that is away. */
const RECONNECT = 1_000;
/** Milliseconds between two looks at the head of the chain. */
const POLL = 250;

/** Connects by unmodified polkadot.js. @param {string} url of a node's WebSocket @returns {Promise<ApiPromise>} */
export async function connect(url) {
	await cryptoWaitReady();
	const provider = new WsProvider(url, RECONNECT);
	return ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: false });
}

/** Key pair of a secret URI such as `//Alice`. */
export function account(suri) {
	return new Keyring({ type: "sr25519", ss58Format: 42 }).addFromUri(suri);
}

/** A call that the chain refused. `name` is what its pallet calls the error, such as `jobs.PriceAboveMax`. */
export class Refused extends Error {
	constructor(name, data, docs) {
		super(`${name}${data.length ? `(${[...data]})` : ""}: ${docs}`);
		this.name = name;
		/** Bytes of the error's fields. */
		this.data = [...data];
	}
}

function refusal(api, error) {
	if (!error.isModule) return new Refused(error.toString(), [], "");
	const { section, name, docs, fields } = api.registry.findMetaError(error.asModule);
	const data = fields.length ? error.asModule.error.slice(1) : [];
	return new Refused(`${section}.${name}`, data, docs.join(" ").trim());
}

/** @type {Map<string, { next: Promise<number>, open: number }>} Nonces of accounts with transactions under way. */
const nonces = new Map();

/** The pool is asked only if nothing is under way: it counts a transaction a moment after it has taken it. */
function takeNonce(api, address) {
	const line = nonces.get(address) ?? { next: api.rpc.system.accountNextIndex(address).then(Number), open: 0 };
	const nonce = line.next;
	nonces.set(address, { next: nonce.then((n) => n + 1), open: line.open + 1 });
	return nonce;
}

function giveNonceBack(address) {
	const { next, open } = nonces.get(address);
	if (open > 1) nonces.set(address, { next, open: open - 1 });
	else nonces.delete(address);
}

/**
 * Signs and submits a call, and waits until it is final, or only until it is in a block.
 * @param {ApiPromise} api
 * @param call what `api.tx` gives
 * @param signer what {@link account} gives
 * @param {{ until?: "isFinalized" | "isInBlock" }} [options]
 * @returns events of the transaction, its fee in planck, and the block
 * @throws {Refused} if the chain executed the call and refused it
 */
export function send(api, call, signer, { until = "isFinalized" } = {}) {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(
			() => settle(reject)(new Error(`${call.method.section}.${call.method.method} is not final after ${FINALITY} ms`)),
			FINALITY,
		);
		// A test that has failed elsewhere need not wait for this.
		timer.unref();
		let settled = false;
		const settle = (done) => (value) => {
			if (settled) return;
			settled = true;
			clearTimeout(timer);
			giveNonceBack(signer.address);
			done(value);
		};
		const onResult = (result) => {
			if (result.isError) return settle(reject)(new Error(`transaction is ${result.status.type}`));
			if (!result.status[until] && !result.status.isFinalized) return;
			if (result.dispatchError) return settle(reject)(refusal(api, result.dispatchError));
			settle(resolve)(outcome(api, result));
		};
		takeNonce(api, signer.address)
			.then((nonce) => call.signAndSend(signer, { nonce }, onResult))
			.catch(settle(reject));
	});
}

function outcome(api, result) {
	const events = result.events.map(({ event }) => event);
	const paid = events.find((event) => api.events.transactionPayment.TransactionFeePaid.is(event));
	return {
		events,
		fee: paid.data.actualFee.toBigInt(),
		block: (result.status.isFinalized ? result.status.asFinalized : result.status.asInBlock).toHex(),
		number: result.blockNumber.toNumber(),
		/** The first event of that name, such as `jobs.Submitted`. */
		event(name) {
			const found = events.find(({ section, method }) => `${section}.${method}` === name);
			if (!found) throw new Error(`no event ${name} among ${events.map((e) => `${e.section}.${e.method}`)}`);
			return found.data;
		},
	};
}

/** The last final block. @returns {Promise<{ number: number, hash: string }>} */
export async function finalised(api) {
	const hash = await api.rpc.chain.getFinalizedHead();
	const { number } = await api.rpc.chain.getHeader(hash);
	return { number: number.toNumber(), hash: hash.toHex() };
}

/** The best block. @returns {Promise<{ number: number, hash: string }>} */
export async function best(api) {
	const { number, hash } = await api.rpc.chain.getHeader();
	return { number: number.toNumber(), hash: hash.toHex() };
}

/** Rejects if a node that is being killed does not answer. */
function answered(promise, timeout = 5_000) {
	const timer = sleep(timeout, undefined, { ref: false }).then(() => {
		throw new Error("the node does not answer");
	});
	return Promise.race([promise, timer]);
}

/**
 * Every block from now on, without gaps, for ever. Survives the node's restarts.
 * @param {ApiPromise} api
 * @param {(api: ApiPromise) => Promise<{ number: number }>} head {@link finalised} or {@link best}
 * @param {{ from?: number, stopped?: () => boolean }} [options] `from`: first block; else the head
 */
export async function* blocks(api, head, { from, stopped = () => false } = {}) {
	let next = from;
	while (!stopped()) {
		let number;
		try {
			if (!api.isConnected) throw new Error("the node is away");
			({ number } = await answered(head(api)));
			// A node that was killed comes back a few blocks lower.
			next = Math.min(next ?? number, number + 1);
		} catch {
			await sleep(POLL);
			continue;
		}
		if (next > number) await sleep(POLL);
		for (; next <= number && !stopped(); next++) {
			const hash = await answered(api.rpc.chain.getBlockHash(next)).catch(() => undefined);
			if (!hash || hash.isEmpty) break;
			yield { number: next, hash: hash.toHex() };
		}
	}
}

/** Has root do something: the development account that may. @param calls what `api.tx` gives; all or none */
export function sudo(api, ...calls) {
	const call = calls.length === 1 ? calls[0] : api.tx.utility.batchAll(calls);
	return send(api, api.tx.sudo.sudo(call), account("//Alice")).then((sent) => {
		const { sudoResult } = sent.event("sudo.Sudid");
		if (sudoResult.isErr) throw refusal(api, sudoResult.asErr);
		return sent;
	});
}

/** Waits until a final block is at least this high. */
export async function untilFinal(api, height) {
	for await (const block of blocks(api, finalised)) {
		if (block.number >= height) return block;
	}
}
