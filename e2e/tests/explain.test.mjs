// SPDX-License-Identifier: Apache-2.0
/** What the chain says to whoever asks why a job waits, who could take one, and what a provider would earn. */
import assert from "node:assert/strict";
import test from "node:test";
import { follow, rpc, submit } from "../lib/calor.mjs";
import { account, best, blocks, send } from "../lib/chain.mjs";
import * as digits from "../lib/digits.mjs";
import { UNIT } from "../lib/money.mjs";
import { onChain } from "../lib/stack.mjs";

/** The head of the chain once it is that high. */
async function untilBest(api, height) {
	for await (const block of blocks(api, best)) if (block.number >= height) return block;
}

test("questions about jobs and providers", { timeout: 240_000 }, async (t) => {
	await onChain(async (stack) => {
		const { api, blobs } = stack;
		const [client, owner] = [account("//Charlie"), account("//Bob").address];
		await Promise.all([
			stack.worker("//Bob"),
			send(api, api.tx.programs.register(`0x${digits.program.toString("hex")}`), client),
		]);
		/** @param {object} spec @returns who could take it */
		const matches = (spec) => rpc(api, "matches", api.tx.jobs.submit(spec).args[0].toHex());

		await t.test("before one submits: who could take it", async () => {
			const { demand, supply } = await matches(digits.spec(blobs.url));
			assert.equal(demand.class, "General");
			assert.deepEqual([supply.ready, supply.fit], [1, 1]);
			const risky = await matches(digits.spec(blobs.url, { valueAtRisk: UNIT }));
			assert.equal(BigInt(risky.demand.earmark), 20n * (BigInt(risky.demand.price) + UNIT));
			assert.equal(BigInt(risky.supply.mostFreeStake), 10_000n * UNIT);
			const tooRisky = matches(digits.spec(blobs.url, { valueAtRisk: UNIT + 1n }));
			await assert.rejects(tooRisky, (error) => /RiskTooHigh/.test(error.message));
			await assert.rejects(matches(digits.spec(blobs.url, { maxPrice: 1 })), (error) => {
				assert.equal(error.code, 11_006, error.message);
				return true;
			});
		});

		await t.test("afterwards: why it waits, and what would help", async () => {
			const { endpoint } = (await api.query.providers.providers(owner)).unwrap();
			await send(api, api.tx.providers.update(endpoint.toHex(), UNIT, null), account("//Bob"));
			const { id, number, escrow } = await submit(api, digits.spec(blobs.url), client);
			await untilBest(api, number + 2);
			const why = await rpc(api, "explain", id);
			assert.deepEqual([why.id, why.state.name, why.code], [id, "Queued", "NobodyFits"]);
			assert.match(why.words, /1 provider of class General waits/);
			assert.match(why.hints[0], /pays 0\.01 CAL.*less than 1 CAL/);
			assert.deepEqual([why.supply.fit, why.supply.tooDear, why.supply.leastMinPrice], [0, 1, String(UNIT)]);

			const closed = await follow(api, id, "Closed");
			assert.equal(closed.state.reason, "NoCapacity", "the one provider was tried before it closed");
			assert.equal(BigInt(closed.state.refunded), escrow);
			const after = await rpc(api, "explain", id);
			assert.equal(after.code, "NoCapacity");
			assert.equal(after.supply, null);
			assert.match(after.hints[0], /calor_matches/);
			await assert.rejects(rpc(api, "explain", 4_711), (error) => error.code === 11_003);
		});

		await t.test("what a provider may expect to earn", async () => {
			const estimate = await rpc(api, "estimateReward", owner);
			assert.equal(estimate.macPerSecond, "1000000000", "what it claims");
			assert.deepEqual([estimate.proven, estimate.dailyAvailability], ["0", "0"], "only what is proved earns by itself");
			assert.equal(BigInt(estimate.pricePerCu), UNIT / 10n);
			assert.equal(estimate.providerShare, 0.8);
			assert.equal(estimate.uptime, 1);
			// 10^9 MAC a second are 86.4 CU a day, of which each brings four fifths of 0.1 CAL.
			assert.equal(BigInt(estimate.dailyAtFullUse), 6_912n * (UNIT / 1_000n));
			assert.equal(estimate.utilisation, 0);
			assert.equal(estimate.daily, "0", "nobody has work for it");
			await assert.rejects(rpc(api, "estimateReward", client.address), (error) => error.code === 11_007);
		});
	})();
});
