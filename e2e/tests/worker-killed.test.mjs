// SPDX-License-Identifier: Apache-2.0
/** Kill -9 the worker at every point of a job: started again, it finishes. One class of hardware for each point. */
import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { follow, submit } from "../lib/calor.mjs";
import { account, best, send } from "../lib/chain.mjs";
import * as digits from "../lib/digits.mjs";
import { onChain } from "../lib/stack.mjs";

/** Kills at random moments, in the long form. */
const ROUNDS = process.env.CALOR_LONG ? 10 : 0;

/** When to kill: class, owner, and what to wait for. */
const POINTS = [
	{
		name: "after it has accepted",
		hardware: ["general", "General"],
		owner: "//Bob",
		until: ({ worker, id }) => worker.logged("accepted", id),
	},
	{
		name: "after it has committed",
		hardware: ["high-memory", "HighMemory"],
		owner: "//Dave",
		until: ({ worker, id }) => worker.logged("committed", id),
	},
	{
		name: "before it reveals",
		hardware: ["tensor", "Tensor"],
		owner: "//Eve",
		until: ({ api, id }) => follow(api, id, "Committed", { head: best }),
	},
];

test("a worker that is killed and started again finishes its job", { timeout: 400_000 + ROUNDS * 90_000, concurrency: true }, async (t) => {
	await onChain(async (stack) => {
		const { api, blobs } = stack;
		const client = account("//Charlie");
		await send(api, api.tx.programs.register(`0x${digits.program.toString("hex")}`), client);
		await Promise.all(
			POINTS.map(({ name, hardware: [flag, variant], owner, until }) =>
				t.test(name, async () => {
					const worker = await stack.worker(owner, { hardware: flag });
					const { id } = await submit(api, digits.spec(blobs.url, { class: variant }), client);
					await until({ api, worker, id });
					await worker.program.kill();
					await worker.start();
					const settled = await follow(api, id, "Settled");
					assert.equal(settled.state.provider, account(owner).address);
					assert.deepEqual(settled.failed, [], "it failed nothing");
					assert.deepEqual(settled.outputRoots, digits.manifest.outputs.map(({ root }) => root));
				}),
			),
		);
		for (let round = 1; round <= ROUNDS; round++) {
			const delay = Math.floor(Math.random() * 25_000);
			await t.test(`round ${round}: ${delay} ms after it has accepted`, async () => {
				const [worker] = stack.workers.filter(({ owner }) => owner === "//Bob");
				const { id } = await submit(api, digits.spec(blobs.url), client);
				await worker.logged("accepted", id);
				await sleep(delay);
				await worker.program.kill();
				await worker.start();
				const settled = await follow(api, id, "Settled");
				assert.deepEqual(settled.failed, [], "it failed nothing");
			});
		}
		const { burned } = await stack.audit();
		assert.equal(burned.Slash ?? 0n, 0n, "nobody was slashed");
	})();
});
