// SPDX-License-Identifier: Apache-2.0
/**
 * The circle of money: a researcher buys credits and spends them on work, work and fees burn, an epoch closes, and those
 * who were there and worked claim what it left for them.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { follow, purse, rpc, submit } from "../lib/calor.mjs";
import { account, blocks, finalised, send, sudo, untilFinal } from "../lib/chain.mjs";
import * as digits from "../lib/digits.mjs";
import { checkSupply, eventsAt, firstEvent, heldOf, snapshot, sum, UNIT } from "../lib/money.mjs";
import { onChain } from "../lib/stack.mjs";

/** Blocks in an epoch, and after which credits can be refunded: shorter than those of a development chain. */
const [EPOCH, REFUND_AFTER] = [12, 15];
/** Multiply-accumulates per second that each worker proves: enough for rewards that can be counted, and little for a CPU. */
const CAPACITY = 5 * 10 ** 7;
/** Rounds of proofs, as soon as they may be; and none. */
const [ROUNDS, NO_ROUNDS] = [1, 2 ** 32 - 1].map((interval) => ({ interval, gap: 16, prove: 15, workSeconds: 2 }));
/** What the researcher pays for credits, and how many those are. */
const [PAID, CREDITS] = [10n * UNIT, (10n * UNIT * 19n) / 20n];

/** An epoch's reward in a purse. */
const rewardOf = ({ rewards }, epoch) => rewards.find((reward) => reward.epoch === epoch);

/** The first final block at which an account can claim something. */
async function untilClaimable(api, address) {
	for await (const { hash } of blocks(api, finalised)) {
		const { rewards } = await purse(api, address, hash);
		if (rewards.length) return rewards;
	}
}

/** Waits until providers have proved what they claim, in rounds that take place only until then. */
async function untilProven(api, owners) {
	await sudo(api, api.tx.capacity.setWindows(ROUNDS));
	for await (const { hash } of blocks(api, finalised)) {
		const at = await api.at(hash);
		const records = await Promise.all(owners.map((owner) => at.query.providers.providers(owner)));
		if (records.every((record) => record.unwrap().proven.toNumber() === CAPACITY)) break;
	}
	await sudo(api, api.tx.capacity.setWindows(NO_ROUNDS));
}

test("money goes round and adds up", { timeout: 480_000 }, async (t) => {
	await onChain(async (stack) => {
		const { api, blobs } = stack;
		const [client, stranger] = [account("//Charlie"), account("//Eve")];
		const [owner, other, validator] = ["//Bob", "//Dave", "//Alice"].map((suri) => account(suri).address);
		const treasury = api.createType("AccountId", Buffer.concat([Buffer.from("modlpy/trsry"), Buffer.alloc(20)])).toString();
		const { burnMint, programs, verification } = api.tx;
		const windows = (await api.query.verification.currentWindows()).toJSON();
		const [claims, waits] = await Promise.all([
			stack.worker("//Bob", { mac: CAPACITY, run: false }),
			stack.worker("//Dave", { mac: CAPACITY, run: false, hardware: "high-memory" }),
			send(api, programs.register(`0x${digits.program.toString("hex")}`), client),
			sudo(
				api,
				burnMint.setWindows({ epoch: EPOCH, refundAfter: REFUND_AFTER }),
				verification.setWindows({ ...windows, challenge: 4 }),
			),
		]);
		const running = Promise.all([
			claims.start(["--claim-least", "0"]),
			waits.start(["--auto-claim=false"]),
		]).then(() => untilProven(api, [owner, other]));
		// Thrown where it is waited for.
		running.catch(() => {});

		let job, refundable;
		await t.test("credits are bought once and spent on work", async () => {
			const bought = await send(api, burnMint.buyCredits(PAID), client);
			const { credits, burned } = bought.event("burnMint.CreditsBought");
			assert.deepEqual([credits.toBigInt(), burned.toBigInt()], [CREDITS, PAID - CREDITS], "a twentieth is burned");
			refundable = bought.number + REFUND_AFTER;
			const chunk = { amount: CREDITS, refundableAt: refundable };
			assert.deepEqual(await purse(api, client.address, bought.block), { credits: [chunk], rewards: [] });

			await running;
			job = await submit(api, digits.spec(blobs.url), client);
			assert.equal(job.event("burnMint.CreditsSpent").amount.toBigInt(), job.escrow);
			const again = job.events.filter((event) => api.events.burnMint.CreditsBought.is(event));
			assert.deepEqual(again, [], "there were enough of them");
			const { Escrow, Credits } = await heldOf(await api.at(job.block), client.address);
			assert.deepEqual([Escrow, Credits], [job.escrow, CREDITS - job.escrow]);
		});
		const settled = follow(api, job.id, "Settled");
		settled.catch(() => {});

		let epoch, hash, report;
		await t.test("an epoch is closed and divided to the planck", async () => {
			// The first in which the worker was there with what it has proved.
			const closed = await firstEvent(
				api,
				1,
				async (event, at) =>
					api.events.burnMint.EpochClosed.is(event) &&
					rewardOf(await purse(api, owner, at), event.data.epoch.toNumber()),
				finalised,
			);
			epoch = closed.data.epoch.toNumber();
			hash = closed.hash;
			report = await rpc(api, "epoch", epoch, hash);
			const names = ["providers", "validators", "treasury", "auditors", "recycled"];
			const [toProviders, toValidators, toTreasury, toAuditors, recycled] = names.map((name) => BigInt(report[name]));
			const budget = BigInt(report.budget.simple) + BigInt(report.budget.baseline);
			const drawn = BigInt(report.drawn.simple) + BigInt(report.drawn.baseline);
			assert.equal(closed.data.report.providers.toBigInt(), toProviders, "event and RPC agree");
			assert.equal(drawn, toProviders + toValidators + toTreasury + toAuditors, "what is paid is drawn from the pools");
			assert.equal(toValidators, (budget * 20n) / 100n, "a fifth to the one validator");
			assert.equal(toTreasury, (budget * 5n) / 100n);
			assert.ok(toProviders > 0n && toProviders <= BigInt(report.providersLimit) / 2n, "nobody is attested: half");

			const all = await Promise.all([owner, other, validator, treasury].map((who) => purse(api, who, hash)));
			const rewards = all.map((one) => rewardOf(one, epoch) ?? { availability: 0n, work: 0n });
			assert.equal(sum(rewards.map(({ availability }) => availability)), drawn, "everybody's rewards together");
			assert.equal(sum(rewards.map(({ work }) => work)), recycled);
			assert.equal(rewards[2].availability, toValidators);
			assert.equal(rewards[2].untilEpoch, epoch + 84);
		});

		await t.test("the worker claims for its owner by itself", async () => {
			const isIts = (event) =>
				api.events.burnMint.Claimed.is(event) &&
				event.data.who.toString() === owner &&
				event.data.epoch.toNumber() === epoch;
			const claimed = await firstEvent(api, 1, isIts, finalised);
			const { availability, work } = rewardOf(await purse(api, owner, hash), epoch);
			const { reward } = claimed.data;
			assert.deepEqual([reward.availability.toBigInt(), reward.work.toBigInt()], [availability, work]);
			const { block } = await api.rpc.chain.getBlock(claimed.hash);
			const signers = block.extrinsics.filter(({ method }) => method.method === "claimFor").map(({ signer }) => signer.toString());
			assert.ok(signers.includes(claims.registered.worker), "with the worker key, which pays the fee");
			assert.equal(rewardOf(await purse(api, owner, claimed.hash), epoch), undefined, "once");
		});

		await t.test("another does when it is told to", async () => {
			const ask = async (...args) => JSON.parse(await waits.command(...args, "--chain", waits.chain, ...waits.key));
			const epochs = (await untilClaimable(api, other)).map((reward) => reward.epoch);
			const before = await ask("status", "--json");
			assert.equal(before.proven, `${CAPACITY} MAC/s`);
			assert.ok(Number(before.unclaimed) > 0);
			const dry = await ask("claim", "--dry-run");
			assert.deepEqual([dry.event, dry.owner], ["claimable", other]);
			assert.ok(epochs.every((one) => dry.epochs.some((found) => found.epoch === one)), "and nothing was sent");
			const claimed = await ask("claim");
			assert.deepEqual([claimed.event, claimed.owner], ["claimed", other]);
			assert.ok(Number(claimed.total) > 0);
			assert.ok(epochs.every((one) => claimed.epochs.some((found) => found.epoch === one)));
			const { rewards } = await purse(api, other, (await finalised(api)).hash);
			assert.ok(!rewards.some((left) => epochs.includes(left.epoch)), "they are gone from the purse");
		});

		await t.test("a stranger claims for the validator, and gets nothing for it", async () => {
			const its = [validator, epoch];
			const sent = await send(api, burnMint.claimFor([its, its, [stranger.address, epoch]]), stranger);
			const claimed = sent.events.filter((event) => api.events.burnMint.Claimed.is(event));
			assert.equal(claimed.length, 1, "what is claimed already is passed over");
			assert.equal(claimed[0].data.who.toString(), validator);
			assert.equal(claimed[0].data.reward.availability.toString(), report.validators);
			const nothing = { name: "burnMint.NothingToClaim" };
			await assert.rejects(send(api, burnMint.claimFor([its]), stranger), nothing);

			// The block of that claim: what its fees burned, and what the ledger says.
			const parent = (await api.rpc.chain.getHeader(sent.block)).parentHash.toHex();
			const at = (block, number) => snapshot(api, { hash: block, number });
			const [before, after] = await Promise.all([at(parent, sent.number - 1), at(sent.block, sent.number)]);
			const paid = (await eventsAt(api, sent.block)).filter((event) => api.events.transactionPayment.TransactionFeePaid.is(event));
			const fees = paid.map(({ data }) => data.actualFee.toBigInt());
			assert.ok(fees.includes(sent.fee) && sent.fee > 0n);
			const burned = after.burned.Fee - (before.burned.Fee ?? 0n);
			assert.equal(burned, sum(fees.map((fee) => fee - fee / 2n)), "half of each fee is burned, the odd planck too");
		});

		await t.test("whoever did the work gets part of its burn back", async () => {
			const { state } = await settled;
			assert.equal(state.provider, owner);
			const works = (event) => api.events.burnMint.EpochClosed.is(event) && event.data.report.workBurned.toBigInt() > 0n;
			const { data } = await firstEvent(api, 1, works, finalised);
			const { work, workBurned, recycled, kappa } = data.report;
			assert.equal(work.toBigInt(), BigInt(state.paid) + BigInt(state.burned) + BigInt(state.withheld));
			assert.equal(workBurned.toBigInt(), BigInt(state.burned));
			assert.equal(kappa.toNumber(), 900_000_000, "so little work is recycled as far as any is");
			assert.equal(recycled.toBigInt(), (workBurned.toBigInt() * 9n) / 10n / 2n, "and half of that, as nobody is attested");
		});

		await t.test("credits that are left are refunded after their time", async () => {
			await untilFinal(api, refundable);
			const sent = await send(api, burnMint.refundCredits(null), client);
			assert.equal(sent.event("burnMint.CreditsRefunded").amount.toBigInt(), CREDITS - job.escrow);
			assert.deepEqual((await purse(api, client.address, sent.block)).credits, []);
			await assert.rejects(send(api, burnMint.refundCredits(null), client), { name: "burnMint.CreditsTooYoung" });
		});

		await t.test("calor_supply adds up at every block", async () => {
			assert.ok((await checkSupply(api)) > 2 * EPOCH);
			const { minted, burned } = await snapshot(api, await finalised(api));
			assert.ok(minted.Availability > 0n && burned.Purchase >= PAID - CREDITS && burned.Settlement > 0n);
		});
	})();
});
