// SPDX-License-Identifier: Apache-2.0
/**
 * Feeders say what CAL and electricity cost. One of three may lie. When they fall silent, nothing new is quoted, and what
 * was submitted goes on.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { follow, rpc, submit } from "../lib/calor.mjs";
import { account, best, blocks, send, sudo } from "../lib/chain.mjs";
import * as digits from "../lib/digits.mjs";
import { firstEvent, UNIT } from "../lib/money.mjs";
import { onChain } from "../lib/stack.mjs";

/** A US dollar in pico-USD. */
const USD = 10n ** 12n;
/** What a kWh costs at genesis, in pico-USD. */
const KWH = (USD * 12n) / 100n;
/** What honest feeders report: CAL a little dearer than the dollar of genesis, and electricity twice as dear. */
const CAL = [105n, 106n, 107n].map((cents) => (USD * cents) / 100n);
const MEDIAN = { cal: CAL[1], kwh: 2n * KWH };
/** Milliseconds of silence that stop quotes. */
const STALE_AFTER = 24_000;
/** A job large enough for a price that is not the least one: a thousand CU, of 0.1 USD each. */
const [MAC, USD_EACH] = [10n ** 15n, USD / 10n];

const amounts = ({ cal, kwh }) => ({ cal: BigInt(cal), kwh: BigInt(kwh) });

test("feeds", { timeout: 300_000 }, async (t) => {
	await onChain(async (stack) => {
		const { api, blobs } = stack;
		const client = account("//Charlie");
		const feeders = ["//Dave", "//Eve", "//Ferdie"].map(account);
		const { market, programs } = api.tx;
		const rules = (await api.query.market.currentParameters()).toJSON();
		const setRules = (change) => market.setParameters({ ...rules, ...change });
		const feed = (feeder, values) => send(api, market.feed(values), feeder, { until: "isInBlock" });
		const feedAll = () => Promise.all(feeders.map((feeder, i) => feed(feeder, { cal: CAL[i], kwh: 2n * KWH })));
		const fed = (sent) => {
			const { median } = sent.event("market.Fed");
			return median.isSome ? amounts(median.unwrap()) : undefined;
		};
		const quote = () => rpc(api, "quote", "General", String(MAC));

		await Promise.all([
			stack.worker("//Bob"),
			send(api, programs.register(`0x${digits.program.toString("hex")}`), client),
			sudo(
				api,
				market.setFeeders(feeders.map(({ address }) => address)),
				setRules({ minFeeders: 3 }),
			),
		]);

		await t.test("three make a median, free of fee", async () => {
			const sent = await feedAll();
			assert.deepEqual(sent.map(({ fee }) => fee), [0n, 0n, 0n]);
			const medians = sent.map(fed).filter(Boolean);
			assert.deepEqual(medians, [MEDIAN], "with the third of them, whoever that was");
		});

		await t.test("a liar changes nothing, and pays if it talks too much", async () => {
			const lie = await feed(feeders[2], { cal: 100n * USD, kwh: 2n * KWH });
			assert.deepEqual(fed(lie), MEDIAN);
			assert.ok(lie.fee > 0n, "it had just reported");
			const { feeders: told } = await rpc(api, "market");
			const its = told.find((feeder) => feeder.account === feeders[2].address);
			assert.equal(BigInt(its.values.cal), 100n * USD, "everybody can see who lies");
		});

		await t.test("rates follow the median, by a tenth a day at most", async () => {
			const changed = await sudo(api, setRules({ minFeeders: 3, refresh: 2, staleAfter: STALE_AFTER }));
			const { data, hash } = await firstEvent(api, changed.number, (event) => api.events.market.RatesSet.is(event));
			const used = { cal: MEDIAN.cal, kwh: KWH + KWH / 10n };
			assert.deepEqual(amounts(data.rates), used);
			const now = await rpc(api, "market", hash);
			assert.deepEqual([now.fresh, amounts(now.rates)], [true, used]);
		});

		let job;
		await t.test("a quote is by those rates", async () => {
			await feedAll();
			const { number } = await best(api);
			const { price, validUntil } = await quote();
			const exact = MAC * USD_EACH;
			assert.equal(BigInt(price), (exact + MEDIAN.cal - 1n) / MEDIAN.cal, "rounded up to the planck");
			assert.ok(validUntil >= number);
			job = await submit(api, digits.spec(blobs.url), client, { until: "isInBlock" });
			assert.equal(job.price, UNIT / 100n, "the least price of a job is in CAL");
		});

		await t.test("when they fall silent, nothing is quoted or submitted", async () => {
			for await (const { hash } of blocks(api, best)) {
				if (!(await rpc(api, "market", hash)).fresh) break;
			}
			await assert.rejects(quote(), (error) => {
				assert.equal(error.code, 11_004, error.message);
				assert.match(error.message, /FeedsStale/);
				assert.match(error.message, /settlement of jobs .* not affected/i);
				return true;
			});
			await assert.rejects(submit(api, digits.spec(blobs.url), client), (error) => {
				assert.equal(error.name, "market.FeedsStale", error.message);
				assert.match(error.message, /settlement of jobs .* not affected/i);
				return true;
			});
			const now = await rpc(api, "market");
			assert.deepEqual(now.classes.map(({ perCuPlanck }) => perCuPlanck), [null, null, null]);
			assert.equal(BigInt(now.rates.cal), MEDIAN.cal, "the last rates stay for everything else");
		});

		await t.test("what was submitted is settled all the same", async () => {
			const { state } = await follow(api, job.id, "Settled");
			assert.equal(BigInt(state.paid) + BigInt(state.burned) + BigInt(state.withheld), job.price);
			const then = await api.rpc.chain.getBlockHash(state.at);
			assert.equal((await rpc(api, "market", then.toHex())).fresh, false);
		});

		await t.test("when they are back, quotes are too", async () => {
			await feedAll();
			assert.equal((await rpc(api, "market")).fresh, true);
			assert.ok(BigInt((await quote()).price) > 0n);
			await submit(api, digits.spec(blobs.url), client);
		});
	})();
});
