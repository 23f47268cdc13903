// SPDX-License-Identifier: Apache-2.0
/**
 * A worker that is cut off in the middle of a long job. Nobody waits for the job's deadline: its silence is noticed, another
 * finishes the job, and the client gets its share of what the first loses.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { follow, submit } from "../lib/calor.mjs";
import { account, best, send, untilFinal } from "../lib/chain.mjs";
import * as digits from "../lib/digits.mjs";
import { firstEvent, purchaseBurn, SUBMISSION_FEE } from "../lib/money.mjs";
import { onChain } from "../lib/stack.mjs";

/** Far beyond the time after which a silence is noticed. */
const LONG = 200;
/** Blocks by which the chain may be late, and we in seeing it. */
const SLACK = 6;

test("a worker that vanishes in the middle of a job", { timeout: 500_000 }, async (t) => {
	await onChain(async (stack) => {
		const { api, blobs } = stack;
		const client = account("//Charlie");
		const [first, second] = ["//Bob", "//Dave"].map((suri) => account(suri).address);
		const [gone] = await Promise.all([
			stack.worker("//Bob"),
			send(api, api.tx.programs.register(`0x${digits.program.toString("hex")}`), client),
		]);
		const { offline } = await api.query.providers.currentWindows();
		const spec = digits.spec(blobs.url, { deliverWithin: LONG });
		const { id, price, escrow, number: since } = await submit(api, spec, client);
		await gone.logged("accepted", id);
		await gone.program.kill();
		const { number: killed } = await best(api);
		const other = stack.worker("//Dave");

		let deferred;
		await t.test("its silence is noticed long before the job is due", async () => {
			const { data, number } = await firstEvent(api, since, (it) => api.events.providers.FellSilent.is(it));
			assert.deepEqual([data.owner.toString(), data.job.unwrap().toNumber()], [first, id]);
			assert.ok(number <= killed + offline.toNumber() + SLACK, `noticed at ${number}, killed at ${killed}`);
			const failed = await firstEvent(api, number, (it) => api.events.jobs.Failed.is(it));
			assert.equal(failed.number, number, "at once");
			assert.equal(failed.data.fault.type, "Vanished");
			assert.equal(failed.data.penalty.toBigInt(), (price * 20n) / 4n, "a quarter of what stands behind the job");
			deferred = (await firstEvent(api, number, (it) => api.events.stake.SlashDeferred.is(it))).data;
			assert.equal(deferred.amount.toBigInt(), failed.data.penalty.toBigInt());
		});

		const back = gone.start();
		back.catch(() => {});

		await t.test("another finishes it", async () => {
			await other;
			const settled = await follow(api, id, "Settled");
			assert.equal(settled.state.provider, second);
			assert.deepEqual(settled.failed, [first]);
			assert.deepEqual(settled.outputRoots, digits.manifest.outputs.map(({ root }) => root));
		});

		await t.test("when the first is back, it waits its time and is then ready by itself", async () => {
			await back;
			const returned = await firstEvent(api, since, (it) => api.events.providers.Returned.is(it));
			assert.equal(returned.data.owner.toString(), first);
			const from = returned.data.readyFrom.toNumber();
			assert.ok(from > returned.number, "a silence costs time");
			const ready = await firstEvent(api, returned.number, (it) =>
				api.events.providers.AvailabilityChanged.is(it) && it.data.owner.toString() === first,
			);
			assert.equal(ready.data.availability.type, "Ready");
			assert.ok(ready.number >= from, `ready at ${ready.number}, not before ${from}`);
		});

		await t.test("when nobody has cancelled the slash, the client gets its share", async () => {
			await untilFinal(api, deferred.appliesAt.toNumber() + SLACK);
			const { data } = await firstEvent(api, deferred.appliesAt.toNumber(), (it) => api.events.stake.Slashed.is(it));
			const total = (price * 20n) / 4n;
			const { slash } = data;
			assert.deepEqual([data.who.toString(), data.job.unwrap().toNumber()], [first, id]);
			assert.equal(slash.total.toBigInt(), total);
			assert.equal(slash.client.toBigInt(), total / 5n);
			assert.equal(slash.burned.toBigInt(), total - total / 5n);
			const ledger = (await api.query.stake.ledgers("Provider", first)).unwrap();
			assert.equal(ledger.active.toBigInt(), 10_000n * 10n ** 12n - total);
			// Proofs of its capacity have earmarks of their own.
			assert.ok((await api.query.stake.earmarks(first, id)).isNone, "nothing stands behind the job any more");

			await untilFinal(api, (await best(api)).number);
			const { totals, fees } = await stack.audit();
			const spent = stack.genesis.totals.get(client.address) - totals.get(client.address);
			const paid = escrow + purchaseBurn(escrow) + SUBMISSION_FEE + fees.get(client.address);
			assert.equal(spent, paid - total / 5n, "it paid one provider, once");
		});
	})();
});
