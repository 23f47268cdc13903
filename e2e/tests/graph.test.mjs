// SPDX-License-Identifier: Apache-2.0
/** Jobs that take what other jobs put out, posted in one call, on two machines that know nothing of each other. */
import assert from "node:assert/strict";
import test from "node:test";
import { fetchOutput, follow, job, rpc, submitBatch } from "../lib/calor.mjs";
import { account, best, send } from "../lib/chain.mjs";
import * as doubling from "../lib/doubling.mjs";
import { onChain } from "../lib/stack.mjs";

test("chains of jobs", { timeout: 400_000, concurrency: true }, async (t) => {
	await onChain(async (stack) => {
		const { api, blobs } = stack;
		const client = account("//Charlie");
		blobs.blobs.set("/start.bin", doubling.start);
		await Promise.all([
			stack.worker("//Bob"),
			stack.worker("//Dave", { hardware: "high-memory" }),
			send(api, api.tx.programs.register(`0x${doubling.program.toString("hex")}`), client),
		]);
		/** The first for one machine, the second for the other, which has to fetch its input there. */
		const chain = (input, startOn) => [
			doubling.spec(input),
			doubling.spec(doubling.outputOf(0), { class: "HighMemory", startOn }),
		];

		await Promise.all([
			t.test("the second doubles what the first has doubled", async () => {
				const { jobs } = await submitBatch(api, chain(doubling.startAt(`${blobs.url}/start.bin`), "Revealed"), client);
				const [parent, child] = jobs.map(({ id }) => id);
				const waiting = await job(api, child);
				assert.equal(waiting.state.name, "Waiting");
				assert.deepEqual([waiting.parents, waiting.inputs], [[parent], []], "its input is not there yet");
				const why = await rpc(api, "explain", child);
				assert.equal(why.code, "ParentsOpen");
				assert.match(why.words, new RegExp(`\\b${parent}\\b`), "the parent is named");

				const running = await follow(api, child, "Running", { head: best });
				assert.ok(running.inputs[0].uris.at(-1).endsWith(`/outputs/${parent}/0`), "fetched from its parent's worker");
				assert.equal(running.inputs[0].root, doubling.root(doubling.doubled(doubling.start)));
				assert.equal((await job(api, parent)).children, 1, "its parent is kept for it");

				const settled = await follow(api, child, "Settled");
				assert.equal(settled.state.provider, account("//Dave").address);
				const result = await fetchOutput(settled.endpoint, child, 0);
				assert.deepEqual(result, doubling.doubled(doubling.doubled(doubling.start)));
				assert.deepEqual(settled.outputRoots, [doubling.root(result)]);
			}),

			t.test("a first that fails closes the second, and both give everything back", async () => {
				// Other bytes than those of above: a worker that has a blob asks nobody for it.
				const nowhere = doubling.startAt(`${blobs.url}/nowhere.bin`, doubling.doubled(doubling.doubled(doubling.start)));
				const { jobs } = await submitBatch(api, chain(nowhere, "Settled"), client);
				const [parent, child] = await Promise.all(jobs.map(({ id }) => follow(api, id, "Closed")));
				assert.equal(parent.state.reason, "InputUnavailable", parent.history.join(" -> "));
				assert.equal(parent.state.fault, "Missing");
				assert.equal(child.state.reason, "ParentFailed", child.history.join(" -> "));
				assert.equal(child.state.parent, parent.id);
				assert.deepEqual(child.failed, [], "nobody was bothered with it");
				[parent, child].forEach(({ state }, i) => assert.equal(BigInt(state.refunded), jobs[i].escrow));
			}),
		]);
		const { burned } = await stack.audit();
		assert.equal(burned.Slash ?? 0n, 0n, "nobody was slashed");
	})();
});
