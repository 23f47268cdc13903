// SPDX-License-Identifier: Apache-2.0
/** The chain forgets jobs after a while and gives their deposits back; what it keeps still proves that they were. */
import assert from "node:assert/strict";
import test from "node:test";
import { job, submitBatch } from "../lib/calor.mjs";
import { account, send, untilFinal } from "../lib/chain.mjs";
import * as doubling from "../lib/doubling.mjs";
import { eventsAt, heldOf, sum } from "../lib/money.mjs";
import { leafOf, prove, proves } from "../lib/receipts.mjs";
import { onChain } from "../lib/stack.mjs";

/** Five leaves: a mountain of four and one of one. */
const JOBS = 5;
/** Blocks that dropping may take beyond its time. */
const SLACK = 4;

/** All leaves, by index, from the events up to a block. */
async function leaves(api, upTo) {
	const found = [];
	for (let number = 1; number <= upTo; number++) {
		for (const event of await eventsAt(api, await api.rpc.chain.getBlockHash(number))) {
			if (!api.events.jobs.Dropped.is(event)) continue;
			found[event.data.index.toNumber()] = { id: event.data.job.toNumber(), leaf: event.data.leaf.toHex() };
		}
	}
	return found;
}

test("a job is forgotten, and its receipt proves that it was", { timeout: 240_000 }, async (t) => {
	await onChain(async ({ api, blobs }) => {
		const client = account("//Charlie");
		await send(api, api.tx.programs.register(`0x${doubling.program.toString("hex")}`), client);
		const spec = doubling.spec(doubling.startAt(`${blobs.url}/start.bin`));
		const { jobs } = await submitBatch(api, Array(JOBS).fill(spec), client);
		const deposits = sum(jobs.map(({ deposit }) => deposit));
		assert.ok(deposits > 0n);
		const cancelled = await send(api, api.tx.utility.batchAll(jobs.map(({ id }) => api.tx.jobs.cancel(id))), client);
		const escrows = sum(jobs.map(({ escrow }) => escrow));
		const held = { Escrow: 0n, Access: 0n, Deposit: deposits, Credits: escrows };
		assert.deepEqual(await heldOf(api, client.address), held);

		const receipts = new Map();
		await t.test("while there is a record, its receipt can be kept", async () => {
			for (const { id, price } of jobs) {
				const receipt = (await api.call.jobsApi.receipt(id)).unwrap();
				assert.equal(receipt.price.toBigInt(), price);
				assert.equal(receipt.state.asClosed.reason.type, "Cancelled");
				receipts.set(id, leafOf(receipt.toU8a()));
			}
		});

		const { state } = await job(api, jobs[0].id);
		assert.equal(state.keepUntil, cancelled.number + 20, "the retention of a development chain");
		const { number, hash } = await untilFinal(api, state.keepUntil + SLACK);
		await t.test("then the record is gone and the deposit is back", async () => {
			for (const { id } of jobs) await assert.rejects(job(api, id, hash), (error) => error.code === 11_003);
			assert.equal((await heldOf(api, client.address)).Deposit, 0n);
		});

		await t.test("each receipt is proved against what the chain keeps", async () => {
			const { count, peaks } = await api.call.jobsApi.receipts();
			const chain = { count: count.toNumber(), peaks: peaks.map((peak) => peak.toHex()) };
			const dropped = await leaves(api, number);
			assert.deepEqual([chain.count, chain.peaks.length, dropped.length], [JOBS, 2, JOBS]);
			const all = dropped.map(({ leaf }) => leaf);
			dropped.forEach(({ id, leaf }, index) => {
				assert.equal(leaf, receipts.get(id), "the leaf is the hash of what was kept");
				const path = prove(all, index);
				assert.ok(proves(chain, leaf, index, path), `leaf ${index}`);
				assert.ok(!proves(chain, leafOf(Buffer.from("another story")), index, path));
			});
			assert.ok(!proves(chain, all[0], 1, prove(all, 1)), "nor at another's place");
		});
	})();
});
