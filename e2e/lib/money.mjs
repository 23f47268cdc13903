// SPDX-License-Identifier: Apache-2.0
/** Accounting to the last planck: what all accounts hold against what the events say that they must hold. */
import assert from "node:assert/strict";

/** One CAL in planck. */
export const UNIT = 10n ** 12n;
/** Tokens at genesis, in planck. */
export const GENESIS = 100_000_000n * UNIT;
/** Burned when a job is submitted, in planck. */
export const SUBMISSION_FEE = UNIT / 1_000n;

/**
 * All money at a block.
 * @param {{ hash: string, number: number }} block
 * @returns totals (free and held) by account, issuance, and burns by kind, in planck
 */
export async function snapshot(api, block) {
	const at = await api.at(block.hash);
	const [issuance, accounts, burns] = await Promise.all([
		at.query.balances.totalIssuance(),
		at.query.system.account.entries(),
		at.query.burnMint.burned.entries(),
	]);
	const totals = new Map(
		accounts.map(([key, { data }]) => [key.args[0].toString(), data.free.toBigInt() + data.reserved.toBigInt()]),
	);
	const burned = Object.fromEntries(burns.map(([key, amount]) => [key.args[0].type, amount.toBigInt()]));
	return { block, totals, burned, issuance: issuance.toBigInt() };
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

/** How each event moves totals. `move(account, planck)`; `client(job)` gives who pays for a job. */
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
	"jobs.Submitted": ({ client }, { move, burn }) => {
		move(client, -SUBMISSION_FEE);
		burn("Submission", SUBMISSION_FEE);
	},
	"jobs.Settled": ({ job, provider, payment }, { move, burn, client }) => {
		pay(payment, provider, client(job), move, burn);
	},
	"jobs.Closed": ({ job, payment }, { move, burn, client, provider }) => {
		if (payment.isSome) pay(payment.unwrap(), provider(job), client(job), move, burn);
	},
	"stake.Slashed": ({ who, job, slash }, { move, burn, client }) => {
		assert.equal(
			slash.total.toBigInt(),
			slash.client.toBigInt() + slash.prover.toBigInt() + slash.burned.toBigInt(),
			"a slash is divided to the last planck",
		);
		assert.equal(slash.prover.toBigInt(), 0n, "nobody proved anything");
		move(who, -slash.total.toBigInt());
		move(client(job), slash.client.toBigInt());
		burn("Slash", slash.burned.toBigInt());
	},
};

function pay({ paid, burned }, provider, client, move, burn) {
	move(client, -paid.toBigInt() - burned.toBigInt());
	move(provider, paid.toBigInt());
	burn("Settlement", burned.toBigInt());
}

/**
 * Replays the events between two snapshots and checks that every account and every burn moved by exactly that much.
 * @param before what {@link snapshot} gave for an earlier block; take genesis to know all jobs
 * @param after what it gave for a later one
 * @returns {Promise<{ moved: Map<string, bigint>, fees: Map<string, bigint> }>} by account, in planck
 */
export async function reconcile(api, before, after) {
	const [moved, fees, burns, jobs] = [new Map(), new Map(), new Map(), new Map()];
	const add = (map) => (key, amount) => map.set(String(key), (map.get(String(key)) ?? 0n) + amount);
	const context = {
		move: add(moved),
		burn: add(burns),
		client: (job) => jobs.get(job.toString()).client,
		provider: (job) => jobs.get(job.toString()).provider,
	};
	for (let number = before.block.number + 1; number <= after.block.number; number++) {
		const hash = await api.rpc.chain.getBlockHash(number);
		const events = (await eventsAt(api, hash)).map((event) => [`${event.section}.${event.method}`, event]);
		if (events.some(([name]) => name === FEE)) context.author = (await api.derive.chain.getHeader(hash)).author;
		for (const [name, event] of events) {
			if (name === "jobs.Submitted") jobs.set(event.data.job.toString(), { client: event.data.client });
			if (name === "jobs.Assigned") jobs.get(event.data.job.toString()).provider = event.data.provider;
			if (name === FEE) add(fees)(event.data.who, event.data.actualFee.toBigInt());
			EFFECTS[name]?.(event.data, context);
		}
	}
	for (const who of new Set([...before.totals.keys(), ...after.totals.keys()])) {
		const change = (after.totals.get(who) ?? 0n) - (before.totals.get(who) ?? 0n);
		assert.equal(change, moved.get(who) ?? 0n, `the balance of ${who} moved by what the events say`);
	}
	for (const kind of new Set([...burns.keys(), ...Object.keys(after.burned)])) {
		const change = (after.burned[kind] ?? 0n) - (before.burned[kind] ?? 0n);
		assert.equal(change, burns.get(kind) ?? 0n, `burns of kind ${kind} are what the events say`);
	}
	return { moved, fees };
}
