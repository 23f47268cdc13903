// SPDX-License-Identifier: Apache-2.0
/** The worker key is replaced while a job is under way: the next key goes on where the last one stood. */
import assert from "node:assert/strict";
import test from "node:test";
import { follow, submit } from "../lib/calor.mjs";
import { account, send } from "../lib/chain.mjs";
import * as digits from "../lib/digits.mjs";
import { onChain } from "../lib/stack.mjs";

/** What the worker has last done under its first key: class, owner, message in its log. */
const POINTS = [
	{ done: "accepted", hardware: ["general", "General"], owner: "//Bob" },
	{ done: "committed", hardware: ["high-memory", "HighMemory"], owner: "//Dave" },
];

test("a worker key is replaced while its job is under way", { timeout: 400_000, concurrency: true }, async (t) => {
	await onChain(async (stack) => {
		const { api, blobs } = stack;
		const client = account("//Charlie");
		await send(api, api.tx.programs.register(`0x${digits.program.toString("hex")}`), client);
		await Promise.all(
			POINTS.map(({ done, hardware: [flag, variant], owner }) =>
				t.test(`after it has ${done}`, async () => {
					const worker = await stack.worker(owner, { hardware: flag });
					const { id } = await submit(api, digits.spec(blobs.url, { class: variant }), client);
					await worker.logged(done, id);
					await worker.program.stop();
					const former = worker.key;
					const { changed, generated, ...rotated } = await worker.rotate();
					assert.ok(changed);
					assert.deepEqual([rotated.former, rotated.worker], [worker.registered.worker, generated]);
					const status = worker.command("status", "--chain", worker.chain, ...former);
					await assert.rejects(status, { code: 5 }, "the old key has no rights any more");
					const ready = await worker.start();
					assert.equal(ready.worker, generated);

					const settled = await follow(api, id, "Settled");
					assert.equal(settled.state.provider, account(owner).address);
					assert.deepEqual(settled.failed, [], "it failed nothing");
					assert.deepEqual(settled.outputRoots, digits.manifest.outputs.map(({ root }) => root));
				}),
			),
		);

		await t.test("and at last it leaves with all its stake", async () => {
			const [worker] = stack.workers.filter(({ owner }) => owner === "//Bob");
			const drained = JSON.parse(await worker.command("drain", "--chain", worker.chain, ...worker.key));
			assert.equal(drained.availability, "idle");
			await worker.program.stop();
			assert.ok((await worker.signed("deregister")).changed);
			const { active, unbonding } = await worker.signed("stake", "unbond", "10000");
			assert.equal(active, "0");
			assert.deepEqual(unbonding.map(({ amount }) => amount), ["10000"]);
			assert.equal((await worker.signed("deregister")).changed, false, "it is gone already");
		});
	})();
});
