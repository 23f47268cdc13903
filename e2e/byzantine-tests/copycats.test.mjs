// SPDX-License-Identifier: Apache-2.0
/** Workers that copy the one beside them: two run the same job, and both are bound before either shows anything. */
import assert from "node:assert/strict";
import test from "node:test";
import { submitBatch } from "../lib/calor.mjs";
import * as digits from "../lib/digits.mjs";
import { Arena } from "../lib/lane.mjs";
import { onChain } from "../lib/stack.mjs";

/** The kinds and what each did, by class. */
const KINDS = {
	general: ["copy-commit", "put the other worker's commitment in the place of its own and tried to open it like that one"],
	"high-memory": ["copy-reveal", "committed to nothing and showed what the other worker had shown"],
};

test("workers that copy", { timeout: 900_000, concurrency: true }, async (t) => {
	await onChain(async (stack) => {
		const arena = new Arena(stack);
		await Promise.all([arena.open(), arena.fund({ "//copy-commit": 15_000, "//copy-reveal": 15_000, "//Third": 15_000 })]);
		const honest = { general: ["//Bob", "//Dave"], "high-memory": ["//Eve", "//Third"] };

		const play = async (hardware) => {
			const [kind, did] = KINDS[hardware];
			const [first, second] = honest[hardware];
			await Promise.all([first, second].map((owner) => arena.worker(owner, { hardware })));
			await arena.rest(second);
			const cheat = await arena.cheat(`//${kind}`, kind, { hardware });
			const { jobs } = await submitReplicated(arena, hardware);
			const ids = jobs.map(({ id }) => id);
			const failed = await arena.event(ids, jobs[0].number, "jobs.Failed");
			assert.deepEqual([failed.data.provider.toString(), failed.data.fault.type], [arena.name(`//${kind}`), "NotRevealed"]);
			const id = failed.data.job.toNumber();
			const { event, reason } = await cheat.tried(id, "reveal");
			assert.equal(event, "refused");
			t.diagnostic(`${kind}: ${reason}`);
			await arena.wake(second);
			const settled = await Promise.all(ids.map((id) => arena.follow(id, "Settled")));
			const roots = digits.manifest.outputs.map(({ root }) => root);
			settled.forEach((view) => assert.deepEqual(view.outputRoots, roots));
			assert.deepEqual(
				settled.map(({ state }) => state.provider).sort(),
				[first, second].map((owner) => arena.name(owner)).sort(),
				"two that agree were paid",
			);
			return { kind, did, id };
		};
		const ends = [];
		await Promise.all(
			Object.keys(KINDS).map((hardware) => t.test(KINDS[hardware][0], async () => ends.push(await play(hardware)))),
		);
		await arena.untilSlashed();
		for (const { kind, did, id } of ends) await arena.tell(kind, did, id);
	})();
});

/** Two jobs that run the same. */
async function submitReplicated(arena, hardware) {
	const { api, blobs } = arena.stack;
	const classes = { general: "General", "high-memory": "HighMemory" };
	const spec = digits.spec(blobs.url, { class: classes[hardware], assurance: { Replicated: 2 } });
	const sent = await submitBatch(api, [spec], arena.client);
	return { ...sent, jobs: sent.jobs.map((job) => ({ ...job, number: sent.number })) };
}
