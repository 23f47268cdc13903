// SPDX-License-Identifier: Apache-2.0
/** Accounting to the last planck: what all accounts hold against what the events say that they must hold. */
import assert from "node:assert/strict";
import { bill, rpc } from "./calor.mjs";
import { best, blocks, finalised } from "./chain.mjs";

/** One CAL in planck. */
export const UNIT = 10n ** 12n;
/** Tokens at genesis, in planck. */
export const GENESIS = 100_000_000n * UNIT;
/** Most tokens that can ever exist, in planck. */
export const CAP = 500_000_000n * UNIT;
/** What availability rewards can ever come to, in planck. */
export const POOLS = 400_000_000n * UNIT;
/** Burned when a job is submitted, in planck. */
export const SUBMISSION_FEE = UNIT / 1_000n;

/** Account from which auditors are paid: that of the pallet id `calor/au`. */
const AUDIT_POT = Buffer.concat([Buffer.from("modlcalor/au"), Buffer.alloc(20)]);

/** Why money of clients is on hold: by jobs, and as credits. */
const HOLDS = ["Escrow", "Access", "Deposit", "Credits"];

/** Pallets whose holds are made up; others have tests of their own. */
const HOLDERS = ["Jobs", "BurnMint", "Verification"];

/** What so many credits cost: the least of which they are left when a twentieth, rounded up, is burned. In planck. */
export const costOfCredits = (credits) => (credits * 20n + 18n) / 19n;

/** What is burned when so many credits are bought for a job, in planck. */
export const purchaseBurn = (credits) => costOfCredits(credits) - credits;

/**
 * All money at a block.
 * @param {{ hash: string, number: number }} block
 * @returns totals (free and held) by account, what is held by account and reason, issuance, burns and mints by kind, what
 * is left in the pools and what was given out of them and not claimed, in planck
 */
export async function snapshot(api, block) {
	const at = await api.at(block.hash);
	const [issuance, accounts, burns, mints, holds, pools, epochs] = await Promise.all([
		at.query.balances.totalIssuance(),
		at.query.system.account.entries(),
		at.query.burnMint.burned.entries(),
		at.query.burnMint.minted.entries(),
		at.query.balances.holds.entries(),
		at.query.burnMint.pools(),
		at.query.burnMint.epochs.entries(),
	]);
	const totals = new Map(
		accounts.map(([key, { data }]) => [key.args[0].toString(), data.free.toBigInt() + data.reserved.toBigInt()]),
	);
	const byKind = (entries) => Object.fromEntries(entries.map(([key, amount]) => [key.args[0].type, amount.toBigInt()]));
	const held = new Map();
	for (const [key, list] of holds) {
		for (const [reason, amount] of reasons(list)) add(held)(`${key.args[0]} ${reason}`, amount);
	}
	return {
		block,
		totals,
		held,
		burned: byKind(burns),
		minted: byKind(mints),
		issuance: issuance.toBigInt(),
		pools: pools.simple.toBigInt() + pools.baseline.toBigInt(),
		unclaimed: sum(epochs.map(([, record]) => record.unwrap().unclaimed.availability.toBigInt())),
	};
}

/**
 * Names of the reasons for which an account's money is on hold, and how much of it is, in planck. Questions and announced
 * proofs are both "Verification".
 */
function reasons(list) {
	const counted = list.filter(({ id }) => HOLDERS.includes(id.type));
	return counted.map(({ id, amount }) => [id.isVerification ? id.type : id.value.type, amount.toBigInt()]);
}

/** Adds to what a map has for a key. */
const add = (map) => (key, amount) => map.set(String(key), (map.get(String(key)) ?? 0n) + amount);

/** What is held of a client. @param api for now, or what `api.at` gives for a block @returns in planck, by reason */
export async function heldOf(api, address) {
	const held = Object.fromEntries(HOLDS.map((reason) => [reason, 0n]));
	return { ...held, ...Object.fromEntries(reasons(await api.query.balances.holds(address))) };
}

/** Sum of big integers. */
export const sum = (amounts) => [...amounts].reduce((total, amount) => total + amount, 0n);

/** Checks that nothing came into being but out of the mint and nothing went but into the burn ledger. */
export function assertConserved({ totals, burned, minted, issuance, pools, unclaimed, block }) {
	const where = `at block ${block.number}`;
	assert.equal(sum(totals.values()), issuance, `accounts together hold the issuance ${where}`);
	const [out, into] = [issuance + sum(Object.values(burned)), GENESIS + sum(Object.values(minted))];
	assert.equal(out, into, `issuance + burned == genesis + minted ${where}`);
	assert.equal(pools + unclaimed + (minted.Availability ?? 0n), POOLS, `the pools and what came from them ${where}`);
}

/** Supply at a block as `calor_supply` gives it, its amounts as big integers. */
export async function supplyAt(api, hash) {
	const supply = await rpc(api, "supply", hash);
	const amounts = (kinds) => Object.fromEntries(Object.entries(kinds).map(([kind, amount]) => [kind, BigInt(amount)]));
	const { burned, minted, pools } = supply;
	return {
		...supply,
		...amounts({ cap: supply.cap, genesis: supply.genesis, issuance: supply.issuance, unclaimed: supply.unclaimed }),
		burned: amounts(burned),
		minted: amounts(minted),
		pools: amounts(pools),
		schedule: supply.schedule.map(BigInt),
	};
}

/**
 * Checks supply at every block from the first to the last final one: it adds up to the planck, nothing ever exceeds the
 * cap or the schedule, and ledgers only grow.
 * @returns {Promise<number>} how many blocks were checked
 */
export async function checkSupply(api) {
	const { number: last } = await finalised(api);
	let before;
	for await (const { number, hash } of blocks(api, finalised, { from: 1 })) {
		const supply = await supplyAt(api, hash);
		const { cap, genesis, issuance, burned, minted, pools, unclaimed, schedule } = supply;
		const where = `at block ${number}`;
		assert.deepEqual([cap, genesis], [CAP, GENESIS]);
		assert.equal(issuance, (await (await api.at(hash)).query.balances.totalIssuance()).toBigInt(), where);
		assert.equal(issuance + sum(Object.values(burned)), GENESIS + sum(Object.values(minted)), `issuance ${where}`);
		assert.equal(pools.simple + pools.baseline + unclaimed + minted.Availability, POOLS, `pools ${where}`);
		assert.ok(issuance <= CAP, `the cap ${where}`);
		assert.ok(minted.Availability + unclaimed <= schedule[0], `ahead of the schedule ${where}`);
		assert.ok(minted.Work <= (burned.Settlement * 9n) / 10n, `more is recycled than was burned ${where}`);
		assert.ok(schedule.every((most, year) => most <= POOLS && most >= (schedule[year - 1] ?? 0n)), `schedule ${where}`);
		for (const ledger of ["burned", "minted"]) {
			for (const [kind, amount] of Object.entries(before?.[ledger] ?? {})) {
				assert.ok(supply[ledger][kind] >= amount, `${ledger} ${kind} fell ${where}`);
			}
		}
		before = supply;
		if (number >= last) return last;
	}
}

const FEE = "transactionPayment.TransactionFeePaid";

/** All events of a block. @param hash of the block */
export async function eventsAt(api, hash) {
	return (await api.query.system.events.at(hash)).map(({ event }) => event);
}

/**
 * Waits for an event.
 * @param {number} from height from which on blocks are looked at
 * @param {(event: object, hash: string) => any} match gives something truthy for the event that is waited for
 * @param {typeof best} [head] which blocks count
 * @param {number} [patience] blocks to wait
 * @returns its data, and the block
 */
export async function firstEvent(api, from, match, head = best, patience = Infinity) {
	for await (const { hash, number } of blocks(api, head, { from })) {
		if (number > from + patience) throw new Error(`no such event in blocks ${from} to ${number}`);
		for (const event of await eventsAt(api, hash)) {
			if (await match(event, hash)) return { data: event.data, number, hash };
		}
	}
}

/**
 * How each event moves money. `move(account, planck)` is for totals, `hold(account, reason, planck)` for what is held of
 * them, `burn` and `mint` for the ledgers by kind, and `job(number)` gives what was submitted under that number and who has
 * it. A feeder's pay and an auditor's are transfers, and say so by events of their own besides.
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
	"burnMint.CreditsBought": ({ who, credits, burned }, { move, burn, hold }) => {
		move(who, -burned.toBigInt());
		burn("Purchase", burned.toBigInt());
		hold(who, "Credits", credits.toBigInt());
	},
	"burnMint.CreditsSpent": ({ who, amount }, { hold }) => hold(who, "Credits", -amount.toBigInt()),
	"burnMint.CreditsReturned": ({ who, amount }, { hold }) => hold(who, "Credits", amount.toBigInt()),
	"burnMint.CreditsRefunded": ({ who, amount }, { hold }) => hold(who, "Credits", -amount.toBigInt()),
	"burnMint.Claimed": ({ who, reward }, { move, mint }) => {
		const [availability, work] = [reward.availability, reward.work].map((part) => part.toBigInt());
		move(who, availability + work);
		mint("Availability", availability);
		mint("Work", work);
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
	// Shares of a slash: which is whose is said by the slash that follows.
	"balances.TransferOnHold": ({ reason, source, dest, amount }, { move, shares }) => {
		if (!reason.isStake) return;
		move(source, -amount.toBigInt());
		move(dest, amount.toBigInt());
		shares.push(amount.toBigInt());
	},
	"stake.Slashed": ({ who, slash }, { move, burn, shares }) => {
		const [total, client, prover, burned] = ["total", "client", "prover", "burned"].map((part) => slash[part].toBigInt());
		assert.equal(total, client + prover + burned, "a slash is divided to the last planck");
		assert.equal(client + prover, sum(shares.splice(0)), "its shares were paid");
		move(who, -burned);
		burn("Slash", burned);
	},
	"verification.Demanded": ({ job, question, by, deposit }, { demands, hold }) => {
		demands.set(`${job} ${question}`, by);
		hold(by, "Verification", deposit.toBigInt());
	},
	"verification.QuestionAnswered": ({ job, question, by, deposit }, { demands, move, hold }) => {
		const asked = demands.get(`${job} ${question}`);
		hold(asked, "Verification", -deposit.toBigInt());
		move(asked, -deposit.toBigInt());
		move(by, deposit.toBigInt());
	},
	"verification.ProofCommitted": ({ prover }, { hold, proofDeposit }) => hold(prover, "Verification", proofDeposit),
	"verification.DepositReturned": ({ who, amount }, { hold }) => hold(who, "Verification", -amount.toBigInt()),
	"verification.DepositBurned": ({ who, amount }, { move, burn, hold }) => {
		move(who, -amount.toBigInt());
		burn("ProofDeposit", amount.toBigInt());
		hold(who, "Verification", -amount.toBigInt());
	},
	"verification.PotBurned": ({ amount }, { move, burn, auditPot }) => {
		move(auditPot, -amount.toBigInt());
		burn("AuditPot", amount.toBigInt());
	},
};

/** Price to provider and fire, levy to the pot from which auditors are paid. */
function pay(payment, { client, provider }, { move, burn, hold, auditPot }) {
	const parts = [payment.paid, payment.burned, payment.withheld, payment.levy].map((part) => part.toBigInt());
	const [paid, burned, withheld, levy] = parts;
	move(client, -sum(parts));
	move(provider, paid);
	move(auditPot, levy);
	burn("Settlement", burned);
	burn("Withheld", withheld);
	hold(client, "Escrow", -sum(parts));
}

/**
 * The rest of the escrow is no escrow any more, and credits by an event of its own; the lock is free again. The deposit
 * stays until the record is dropped.
 */
function end({ client, access }, returned, { hold }) {
	hold(client, "Escrow", -returned);
	hold(client, "Access", -access);
}

/**
 * Replays the events between two snapshots and checks that every account, every hold of clients' money, every burn and every
 * mint moved by exactly that much.
 * @param before what {@link snapshot} gave for an earlier block; take genesis to know all jobs
 * @param after what it gave for a later one
 * @returns {Promise<{ moved: Map<string, bigint>, fees: Map<string, bigint> }>} by account, in planck
 */
export async function reconcile(api, before, after) {
	const [moved, fees, burns, mints, held, jobs] = Array.from({ length: 6 }, () => new Map());
	const context = {
		move: add(moved),
		burn: add(burns),
		mint: add(mints),
		hold: (account, reason, amount) => add(held)(`${account} ${reason}`, amount),
		jobs,
		job: (id) => jobs.get(id.toNumber()),
		auditPot: api.createType("AccountId", AUDIT_POT),
		shares: [],
		demands: new Map(),
		proofDeposit: api.consts.verification.proofDeposit.toBigInt(),
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
		assert.equal(change, held.get(key) ?? 0n, `what is held of ${key} is what the events say`);
	}
	for (const [ledger, told] of Object.entries({ burned: burns, minted: mints })) {
		for (const kind of new Set([...told.keys(), ...Object.keys(after[ledger])])) {
			const change = (after[ledger][kind] ?? 0n) - (before[ledger][kind] ?? 0n);
			assert.equal(change, told.get(kind) ?? 0n, `what was ${ledger} as ${kind} is what the events say`);
		}
	}
	return { moved, fees };
}
