// SPDX-License-Identifier: Apache-2.0
/** Everything that goes wrong before a worker is involved: each has its own error, and costs nothing but fees. */
import assert from "node:assert/strict";
import test from "node:test";
import { submit } from "../lib/calor.mjs";
import { account, send } from "../lib/chain.mjs";
import * as digits from "../lib/digits.mjs";
import { SUBMISSION_FEE, UNIT } from "../lib/money.mjs";
import { onChain } from "../lib/stack.mjs";

const hex = (bytes) => `0x${Buffer.from(bytes).toString("hex")}`;

/** One input i8[1,4], and a Relu whose operand is a tensor that no operation before it defines. */
const READS_AHEAD = hex([1, 4, 0, 8, 1, 0, 0, 0, 4, 0, 0, 0, 0, 4, 4, 5, 0, 4, 1, 0]);

/** @param {Promise<unknown>} attempt @param {string} name */
async function refused(attempt, name, data = []) {
	await assert.rejects(attempt, (error) => {
		assert.equal(error.name, name, error.message);
		assert.deepEqual(error.data.slice(0, data.length), data, "fields of the error");
		return true;
	});
}

test("what the chain refuses, it refuses by name, and nothing is held", { timeout: 240_000 }, async (t) => {
	await onChain(async ({ api, blobs }) => {
		const [client, pauper] = [account("//Charlie"), account("//Pauper")];
		await send(api, api.tx.programs.register(hex(digits.program)), client);
		const attempt = (change, who = client) => submit(api, digits.spec(blobs.url, change), who);
		const spec = digits.spec(blobs.url);
		const [blob] = spec.inputs.map(({ Blob }) => Blob);
		const earlier = (position) => ({ OutputOfEarlier: { position, index: 0, mirrors: [] } });
		const input = (change) => ({ inputs: [{ Blob: { ...blob, ...change } }] });

		await t.test("submissions", () =>
			Promise.all([
				refused(attempt({ maxPrice: 1 }), "jobs.PriceAboveMax"),
				refused(attempt({ program: `0x${"00".repeat(32)}` }), "jobs.UnknownProgram"),
				refused(attempt(input({ ty: { dtype: "I8", dims: [599, 65] } })), "jobs.InputType", [0]),
				refused(attempt(input({ ty: { dtype: "I32", dims: [599, 64] } })), "jobs.InputType", [0]),
				refused(attempt({ inputs: [] }), "jobs.InputCount"),
				refused(attempt({ constants: spec.constants.slice(1) }), "jobs.ConstantCount"),
				refused(attempt({ constants: [...spec.constants].reverse() }), "jobs.ConstantType", [0]),
				refused(attempt(input({ uris: [] })), "jobs.BadUri"),
				refused(attempt(input({ uris: ["ftp://example.org/x"] })), "jobs.BadUri"),
				refused(attempt({ deliverWithin: 1 }), "jobs.BadDeadline"),
				refused(attempt({ assurance: "Audited" }), "jobs.NoAuditors"),
				refused(attempt({ assurance: { Replicated: 1 } }), "jobs.BadReplicas"),
				refused(attempt({ assurance: { Replicated: 6 } }), "jobs.BadReplicas"),
				refused(attempt({ inputs: [{ OutputOf: { job: 77, index: 0, mirrors: [] } }] }), "jobs.BadParent"),
				refused(attempt({ inputs: [earlier(0)] }), "jobs.NotEarlier"),
				refused(attempt({ tip: 2n ** 128n - 1n }), "jobs.AmountTooLarge"),
				refused(attempt({ valueAtRisk: UNIT + 1n }), "jobs.RiskTooHigh"),
				refused(send(api, api.tx.jobs.submitBatch([]), client), "jobs.EmptyBatch"),
				refused(send(api, api.tx.jobs.submitBatch([spec, { ...spec, maxPrice: 1 }]), client), "jobs.PriceAboveMax"),
				refused(send(api, api.tx.jobs.submitBatch([{ ...spec, inputs: [earlier(0)] }]), client), "jobs.NotEarlier"),
				refused(attempt({ class: "HighMemory", maxPrice: 0 }), "jobs.PriceAboveMax"),
				refused(send(api, api.tx.jobs.cancel(77), client), "jobs.UnknownJob"),
				refused(send(api, api.tx.jobs.expire(77), client), "jobs.UnknownJob"),
			]),
		);

		await t.test("a balance below price and fee", async () => {
			const little = UNIT / 100n + 3n * SUBMISSION_FEE;
			await send(api, api.tx.balances.transferKeepAlive(pauper.address, little), client);
			await refused(attempt({}, pauper), "jobs.BalanceTooLow");
		});

		await t.test("credits, rewards and feeds", () => {
			const [{ burnMint, market }, feeder] = [api.tx, account("//Alice")];
			return Promise.all([
				refused(send(api, burnMint.buyCredits(UNIT - 1n), client), "burnMint.PurchaseTooSmall"),
				refused(send(api, burnMint.buyCredits(2_000_000n * UNIT), client), "burnMint.BalanceTooLow"),
				refused(send(api, burnMint.refundCredits(null), client), "burnMint.CreditsTooYoung"),
				refused(send(api, burnMint.claim(), client), "burnMint.NothingToClaim"),
				refused(send(api, burnMint.claimFor([[client.address, 0]]), client), "burnMint.NothingToClaim"),
				refused(send(api, market.feed({ cal: UNIT, kwh: UNIT }), client), "market.NotFeeder"),
				refused(send(api, market.feed({ cal: 0, kwh: UNIT }), feeder), "market.BadValues"),
			]);
		});

		await t.test("malformed programs", async () => {
			const register = (code) => send(api, api.tx.programs.register(code), client);
			await Promise.all([
				refused(register(READS_AHEAD), "programs.InvalidOp", [0, 0]),
				refused(register("0x01"), "programs.InvalidProgram"),
				refused(register(hex(digits.program)), "programs.AlreadyRegistered"),
			]);
			const words = (await api.call.programsApi.checkProgram(READS_AHEAD)).asErr.toUtf8();
			assert.match(words, /^op 0 \(Relu\): .+/, "op and rule are named");
		});
	})();
});
