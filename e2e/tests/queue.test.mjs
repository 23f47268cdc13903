// SPDX-License-Identifier: Apache-2.0
/** Jobs that no worker ever takes: they wait, close with a reason, and give everything back. And how they are read. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { compactStripLength } from "@polkadot/util";
import { follow, job, rpc, submit } from "../lib/calor.mjs";
import { account, best, finalised, send, untilFinal } from "../lib/chain.mjs";
import * as digits from "../lib/digits.mjs";
import { costOfCredits, heldOf, SUBMISSION_FEE, UNIT } from "../lib/money.mjs";
import { onChain } from "../lib/stack.mjs";

const CODE = `0x${digits.program.toString("hex")}`;

test("without a worker", { timeout: 240_000, concurrency: true }, async (t) => {
	await onChain(async (stack) => {
		const { api, blobs } = stack;
		const [client, other] = [account("//Charlie"), account("//Dave")];
		await send(api, api.tx.programs.register(CODE), client);
		const mac = 10_969_536;

		await Promise.all([
			t.test("a job that nobody takes closes as NoCapacity and returns its price", async () => {
				const { id, escrow } = await submit(api, digits.spec(blobs.url), client);
				const closed = await follow(api, id, "Closed");
				assert.equal(closed.state.reason, "NoCapacity");
				assert.equal(BigInt(closed.state.refunded), escrow);
				assert.equal(closed.due, closed.state.keepUntil);
				await refusedAfterTheEnd(api, id, client);
			}),

			t.test("a queued job can be cancelled by its client only, for nothing but the fee", async () => {
				const { id, price, levy, escrow, deposit } = await submit(api, digits.spec(blobs.url), other);
				assert.equal(escrow, price + levy);
				const before = { Escrow: escrow, Access: 0n, Deposit: deposit, Credits: 0n };
				assert.deepEqual(await heldOf(api, other.address), before);
				await assert.rejects(send(api, api.tx.jobs.cancel(id), client), { name: "jobs.NotClient" });
				await assert.rejects(send(api, api.tx.jobs.expire(id), client), { name: "jobs.TooEarly" });
				await send(api, api.tx.jobs.cancel(id), other);
				const closed = await follow(api, id, "Closed");
				assert.equal(closed.state.reason, "Cancelled");
				assert.equal(BigInt(closed.state.refunded), escrow);
				const held = await heldOf(api, other.address);
				const after = { Escrow: 0n, Access: 0n, Deposit: deposit, Credits: escrow };
				assert.deepEqual(held, after, "the record is still paid for, and the escrow is credits for the next job");
				const next = await submit(api, digits.spec(blobs.url), other);
				assert.equal(next.escrow, escrow);
				const bought = next.events.filter((event) => api.events.burnMint.CreditsBought.is(event));
				assert.deepEqual(bought, [], "nothing was burned for them again");
				assert.equal((await heldOf(await api.at(next.block), other.address)).Credits, 0n);
			}),

			t.test("submitting the same reference again does nothing", async () => {
				const spec = digits.spec(blobs.url, { reference: `0x${"ab".repeat(32)}` });
				const eve = account("//Eve");
				const first = await submit(api, spec, eve);
				const again = await send(api, api.tx.jobs.submit(spec), eve);
				assert.equal(again.event("jobs.AlreadySubmitted").job.toNumber(), first.id);
				assert.equal((await heldOf(api, eve.address)).Escrow, first.escrow, "it is held once");
			}),

			t.test("calor_quote gives what a job costs", async () => {
				const { number } = await best(api);
				const quote = await rpc(api, "quote", "General", mac);
				// 0.1 CAL per 10^12 MAC would be less than the least price of a job, 0.01 CAL.
				assert.equal(BigInt(quote.price), UNIT / 100n);
				assert.equal(BigInt(quote.submissionFee), SUBMISSION_FEE);
				// An eighth of the price and of an auditor's four transactions, 0.01 CAL.
				assert.equal(BigInt(quote.levy), UNIT / 400n);
				assert.equal(BigInt(quote.withheld), 0n, "the price stands at its average");
				const credits = BigInt(quote.price) + BigInt(quote.levy);
				assert.equal(BigInt(quote.cost), costOfCredits(credits), "with the burn of buying credits");
				assert.ok(quote.validUntil > number, "it is good for a while");
				assert.equal(BigInt(quote.access), 0n);
				assert.equal(BigInt(quote.earmark), (UNIT / 100n) * 20n);
				assert.equal(quote.readyProviders, 0);
				const large = await rpc(api, "quote", "Tensor", "10000000000000000000");
				assert.equal(BigInt(large.price), 10_000_000n * 3n * (UNIT / 10n), "a number too large for JavaScript");
				assert.ok(BigInt(large.access) > 0n, "a premium class asks for a lock");
				await assert.rejects(rpc(api, "quote", "Quantum", 1), /unknown variant/);
			}),

			t.test("the metadata from which the worker was generated is the chain's", async () => {
				const version16 = "0x10000000";
				const answer = await api.rpc.state.call("Metadata_metadata_at_version", version16);
				const bytes = answer.toU8a(true);
				assert.equal(bytes[0], 1, "there is metadata of that version");
				const [, current] = compactStripLength(bytes.subarray(1));
				const committed = readFileSync(new URL("../../client/metadata.scale", import.meta.url));
				assert.ok(committed.equals(current), "client/metadata.scale is old: run scripts/metadata.sh and build again");
			}),

			t.test("calor_job tells an unknown job from an unknown block", async () => {
				await assert.rejects(job(api, 4_711), (error) => error.code === 11_003);
				await assert.rejects(job(api, 1, `0x${"00".repeat(32)}`), (error) => error.code === 11_001);
			}),
		]);

		await t.test("a node that is stopped and started again has kept everything", async () => {
			const { id } = await submit(api, digits.spec(blobs.url), client);
			const { number: height, hash } = await finalised(api);
			const before = await job(api, id, hash);
			const { code, signal } = await stack.node.program.stop();
			assert.ok(code === 0 || signal === "SIGTERM", `the node ended by ${signal ?? code}`);
			await stack.node.start();
			await untilFinal(api, height + 2);
			assert.deepEqual(await job(api, id, hash), before);
			assert.ok((await best(api)).number > height);
			assert.equal((await follow(api, id, "Closed")).state.reason, "NoCapacity", "and life goes on");
		});
	})();
});

async function refusedAfterTheEnd(api, id, client) {
	await Promise.all([
		assert.rejects(send(api, api.tx.jobs.cancel(id), client), { name: "jobs.WrongState" }),
		assert.rejects(send(api, api.tx.jobs.expire(id), client), { name: "jobs.TooEarly" }),
		assert.rejects(send(api, api.tx.jobs.accept(id), client), { name: "jobs.NotProvider" }),
	]);
}
