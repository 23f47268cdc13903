// SPDX-License-Identifier: Apache-2.0
/** One job from end to end by plain polkadot.js, and who may fetch its outputs when. */
import assert from "node:assert/strict";
import test from "node:test";
import { evaluate, fetchHeaders, fetchOutput, follow, job, rpc, submit } from "../lib/calor.mjs";
import { account, best, send } from "../lib/chain.mjs";
import * as digits from "../lib/digits.mjs";
import { firstEvent, heldOf, purchaseBurn, SUBMISSION_FEE, UNIT } from "../lib/money.mjs";
import { onChain } from "../lib/stack.mjs";

const status = async (endpoint, id, headers = {}) => {
	const response = await fetch(`${endpoint}/outputs/${id}/0`, { headers });
	await response.arrayBuffer();
	return response.status;
};

test("a job is assigned, computed, committed, revealed and paid", { timeout: 300_000 }, async (t) => {
	await onChain(async (stack) => {
		const { api, blobs } = stack;
		const [client, stranger] = [account("//Charlie"), account("//Eve")];
		const code = `0x${digits.program.toString("hex")}`;
		const [worker] = await Promise.all([
			stack.worker("//Bob"),
			send(api, api.tx.programs.register(code), client),
		]);
		assert.equal(worker.ready.cpu === undefined, false, "the ready line says whether the adapter is a CPU");
		assert.equal((await rpc(api, "quote", "General", 1)).readyProviders, 1);
		const tip = UNIT / 1_000n;
		const spec = digits.spec(blobs.url, { tip, reference: `0x${"07".repeat(32)}` });
		const { id, price, levy, escrow, deposit, number, block } = await submit(api, spec, client);
		assert.equal(escrow, price + levy + tip);
		const held = await heldOf(await api.at(block), client.address);
		assert.deepEqual(held, { Escrow: escrow, Access: 0n, Deposit: deposit, Credits: 0n });

		let outputs;
		await t.test("before the reveal only the client may fetch", async () => {
			const { endpoint, seen } = await follow(api, id, "Committed", { head: best });
			const good = fetchHeaders(api, id, seen.number + 100, client);
			outputs = await Promise.all([0, 1].map((index) => fetchOutput(endpoint, id, index, good)));
			const { number: committed } = await firstEvent(api, number, (it) => api.events.jobs.Committed.is(it));
			assert.ok((await best(api)).number <= committed + 3, "the client has it within three blocks of the commit");
			const refused = await Promise.all([
				status(endpoint, id),
				status(endpoint, id, fetchHeaders(api, id, seen.number + 100, stranger)),
				status(endpoint, id, fetchHeaders(api, id + 1, seen.number + 100, client)),
				status(endpoint, id, fetchHeaders(api, id, 1, client)),
				status(endpoint, id, { ...good, "x-calor-expiry": String(seen.number + 10_000) }),
			]);
			for (const code of refused) assert.ok(code === 401 || code === 403, `refused with ${code}`);
			const state = (await job(api, id)).state.name;
			assert.ok(["Committed", "Revealed"].includes(state), state);
		});

		const revealed = await follow(api, id, ({ name }) => name === "Revealed");
		await t.test("afterwards everybody may, and everything is as the reference has it", async () => {
			const open = await fetchOutput(revealed.endpoint, id, 0);
			assert.ok(open.equals(outputs[0]));
			outputs.forEach((blob, index) => digits.checkOutput(index, blob, revealed.outputRoots[index]));
			assert.deepEqual(revealed.outputRoots, digits.manifest.outputs.map(({ root }) => root));
			const roots = await evaluate(api, digits.program, digits.operands);
			const reference = digits.manifest.outputs.map(({ tensor }) => roots[tensor - digits.operands.length]);
			assert.deepEqual(revealed.outputRoots, reference);
			assert.ok(digits.accuracy(outputs[0]) >= 0.95);
		});

		const settled = await follow(api, id, "Settled");
		await t.test("it is paid to the last planck", async () => {
			assert.equal(settled.state.provider, account("//Bob").address);
			const { paid, burned, withheld, levy: audits } = settled.state;
			assert.equal(BigInt(paid) + BigInt(burned), price);
			assert.equal(BigInt(burned), price / 5n, "a fifth is burned");
			assert.equal(BigInt(withheld), 0n, "the price stands at its average");
			assert.equal(BigInt(audits), levy, "the levy went to the audit pot");
			const { totals, burned: burns, fees } = await stack.audit();
			const spent = stack.genesis.totals.get(client.address) - totals.get(client.address);
			assert.equal(spent, escrow + purchaseBurn(escrow) + SUBMISSION_FEE + fees.get(client.address));
			assert.equal(burns.Purchase, purchaseBurn(escrow), "the credits were bought with the job");
			assert.equal(burns.Tip, tip, "the tip was burned when the job was assigned");
			const held = await heldOf(api, client.address);
			const rest = { Escrow: 0n, Access: 0n, Deposit: deposit, Credits: 0n };
			assert.deepEqual(held, rest, "the record is still stored");
		});

		await t.test("submitting its reference again gives the same job, and charges a fee only", async () => {
			const again = await send(api, api.tx.jobs.submit(spec), client);
			assert.equal(again.event("jobs.AlreadySubmitted").job.toNumber(), id);
		});

		await t.test("its past can be read at any block", async () => {
			const hash = await api.rpc.chain.getBlockHash(number);
			const then = await job(api, id, hash.toHex());
			assert.equal(then.state.name, "Queued");
			assert.equal(then.reference, spec.reference);
			assert.equal(then.inputs[0].root, digits.manifest.inputs[0].root);
			assert.equal(settled.due, settled.state.keepUntil, "then its record may be dropped");
		});
	})();
});
