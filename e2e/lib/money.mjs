// SPDX-License-Identifier: Apache-2.0
/** Accounting to the last planck: what all accounts hold against what the events say that they must hold. */
import assert from "node:assert/strict";
import { bill } from "./calor.mjs";

/** One CAL in planck. */
export const UNIT = 10n ** 12n;
/** Tokens at genesis, in planck. */
export const GENESIS = 100_000_000n * UNIT;
/** Burned when a job is submitted, in planck. */
export const SUBMISSION_FEE = UNIT / 1_000n;

/** Account from which auditors are paid: that of the pallet id `calor/au`. */
const AUDIT_POT = Buffer.concat([Buffer.from("modlcalor/au"), Buffer.alloc(20)]);

/** Why money of clients is on hold: names of hold reasons, and the event fields that raise them. */
const HOLDS = ["Escrow", "Access", "Deposit"];

/**
 * All money at a block.
 * @param {{ hash: string, number: number }} block
 * @returns totals (free and held) by account, what jobs hold by account and reason, issuance, and burns by kind, in planck
 */
export async function snapshot(api, block) {
	const at = await api.at(block.hash);
	const [issuance, accounts, burns, holds] = await Promise.all([
		at.query.balances.totalIssuance(),
		at.query.system.account.entries(),
		at.query.burnMint.burned.entries(),
		at.query.balances.holds.entries(),
	]);
	const totals = new Map(
		accounts.map(([key, { data }]) => [key.args[0].toString(), data.free.toBigInt() + data.reserved.toBigInt()]),
	);
	const burned = Object.fromEntries(burns.map(([key, amount]) => [key.args[0].type, amount.toBigInt()]));
	const held = new Map();
	for (const [key, list] of holds) {
		for (const { id, amount } of list) {
			if (id.isJobs) held.set(`${key.args[0]} ${id.asJobs.type}`, amount.toBigInt());
		}
	}
	return { block, totals, held, burned, issuance: issuance.toBigInt() };
}

/** What jobs hold of an account. @param api for now, or what `api.at` gives for a block @returns in planck, by reason */
export async function heldOf(api, address) {
	const held = Object.fromEntries(HOLDS.map((reason) => [reason, 0n]));
	for (const { id, amount } of await api.query.balances.holds(address)) {
		if (id.isJobs) held[id.asJobs.type] = amount.toBigInt();
	}
	return held;
}

/** Sum of big integers. */
export const sum = (amounts) => [...amounts].reduce((total, amount) => total + amount, 0n);

/** Checks that nothing came into being and nothing went but into the burn ledger. */
export function assertConserved({ totals, burned, issuance, block }) {
	const where = `at block ${block.number}`;
	assert.equal(sum(totals.values()), issuance, `accounts together hold the issuance ${where}`);
	assert.equal(issuance + sum(Object.values(burned)), GENESIS, `issuance + burned == genesis ${where}`);
}

const FEE = "transactionPayment.TransactionFeePaid";

/** All events of a block. @param hash of the block */
export async function eventsAt(api, hash) {
	return (await api.query.system.events.at(hash)).map(({ event }) => event);
}

/**
 * How each event moves money. `move(account, planck)` is for totals, `hold(account, reason, planck)` for what jobs hold of
 * them, and `job(number)` gives what was submitted under that number and who has it.
 */
const EFFECTS = {
	[FEE]: ({ who, actualFee }, { move, burn, author }) => {
		const fee = actualFee.toBigInt();
		move(who, -fee);
		move(author, fee / 2n);
		burn("Fee", fee - fee / 2n);
	},
	"balances.Transfer": ({ from, to, amount }, { move }) => {
		move(from, -amount.toBigInt());
		move(to, amount.toBigInt());
	},
	"jobs.Submitted": (data, context) => {
		const { client } = data;
		const { id, escrow, access, deposit, tip } = bill(data);
		context.jobs.set(id, { client, access, deposit, tip });
		context.move(client, -SUBMISSION_FEE);
		context.burn("Submission", SUBMISSION_FEE);
		context.hold(client, "Escrow", escrow);
		context.hold(client, "Access", access);
		context.hold(client, "Deposit", deposit);
	},
	"jobs.Assigned": ({ job: id, provider }, { job, move, burn, hold }) => {
		const its = job(id);
		its.provider = provider;
		// Burned once, whoever gets the job after that.
		move(its.client, -its.tip);
		burn("Tip", its.tip);
		hold(its.client, "Escrow", -its.tip);
		its.tip = 0n;
	},
	"jobs.Settled": ({ job: id, payment, returned }, context) => {
		pay(payment, context.job(id), context);
		end(context.job(id), returned.toBigInt(), context);
	},
	"jobs.Closed": ({ job: id, payment, refunded }, context) => {
		if (payment.isSome) pay(payment.unwrap(), context.job(id), context);
		end(context.job(id), refunded.toBigInt(), context);
	},
	"jobs.Dropped": ({ job: id }, { job, hold }) => {
		const { client, deposit } = job(id);
		hold(client, "Deposit", -deposit);
	},
	"stake.Slashed": ({ who, job: id, slash }, { move, burn, job }) => {
		assert.equal(
			slash.total.toBigInt(),
			slash.client.toBigInt() + slash.prover.toBigInt() + slash.burned.toBigInt(),
			"a slash is divided to the last planck",
		);
		assert.equal(slash.prover.toBigInt(), 0n, "nobody proved anything");
		move(who, -slash.total.toBigInt());
		move(job(id.unwrap()).client, slash.client.toBigInt());
		burn("Slash", slash.burned.toBigInt());
	},
};

/** Price to provider and fire, levy to the pot from which auditors are paid. */
function pay(payment, { client, provider }, { move, burn, hold, auditPot }) {
	const [paid, burned, levy] = [payment.paid, payment.burned, payment.levy].map((part) => part.toBigInt());
	move(client, -paid - burned - levy);
	move(provider, paid);
	move(auditPot, levy);
	burn("Settlement", burned);
	hold(client, "Escrow", -paid - burned - levy);
}

/** The rest of the escrow and the lock are free again; the deposit stays until the record is dropped. */
function end({ client, access }, returned, { hold }) {
	hold(client, "Escrow", -returned);
	hold(client, "Access", -access);
}

/**
 * Replays the events between two snapshots and checks that every account, every hold of jobs and every burn moved by exactly
 * that much.
 * @param before what {@link snapshot} gave for an earlier block; take genesis to know all jobs
 * @param after what it gave for a later one
 * @returns {Promise<{ moved: Map<string, bigint>, fees: Map<string, bigint> }>} by account, in planck
 */
export async function reconcile(api, before, after) {
	const [moved, fees, burns, held, jobs] = [new Map(), new Map(), new Map(), new Map(), new Map()];
	const add = (map) => (key, amount) => map.set(String(key), (map.get(String(key)) ?? 0n) + amount);
	const context = {
		move: add(moved),
		burn: add(burns),
		hold: (account, reason, amount) => add(held)(`${account} ${reason}`, amount),
		jobs,
		job: (id) => jobs.get(id.toNumber()),
		auditPot: api.createType("AccountId", AUDIT_POT),
	};
	for (let number = before.block.number + 1; number <= after.block.number; number++) {
		const hash = await api.rpc.chain.getBlockHash(number);
		const events = (await eventsAt(api, hash)).map((event) => [`${event.section}.${event.method}`, event]);
		if (events.some(([name]) => name === FEE)) context.author = (await api.derive.chain.getHeader(hash)).author;
		for (const [name, event] of events) {
			if (name === FEE) add(fees)(event.data.who, event.data.actualFee.toBigInt());
			EFFECTS[name]?.(event.data, context);
		}
	}
	for (const who of new Set([...before.totals.keys(), ...after.totals.keys()])) {
		const change = (after.totals.get(who) ?? 0n) - (before.totals.get(who) ?? 0n);
		assert.equal(change, moved.get(who) ?? 0n, `the balance of ${who} moved by what the events say`);
	}
	for (const key of new Set([...before.held.keys(), ...after.held.keys(), ...held.keys()])) {
		const change = (after.held.get(key) ?? 0n) - (before.held.get(key) ?? 0n);
		assert.equal(change, held.get(key) ?? 0n, `what jobs hold of ${key} is what the events say`);
	}
	for (const kind of new Set([...burns.keys(), ...Object.keys(after.burned)])) {
		const change = (after.burned[kind] ?? 0n) - (before.burned[kind] ?? 0n);
		assert.equal(change, burns.get(kind) ?? 0n, `burns of kind ${kind} are what the events say`);
	}
	return { moved, fees };
}
