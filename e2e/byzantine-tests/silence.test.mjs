// SPDX-License-Identifier: Apache-2.0
/**
 * Workers that do not do what they must, or one block too late: they are replaced and penalised, and the client's job is
 * done by an honest one.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { send } from "../lib/chain.mjs";
import * as digits from "../lib/digits.mjs";
import { Arena, Lane } from "../lib/lane.mjs";
import { onChain } from "../lib/stack.mjs";

/** The shortest delivery that the chain admits for this program. */
const SHORTLY = 6;

/** Parts of what stands behind a job, in percent. */
const [QUARTER, ALL] = [25n, 100n];

/**
 * The kinds: what each did, for what it is penalised and how much, and what the client does about it. `late` is the step
 * that it tried one block too late.
 */
const KINDS = {
	"late-accept": { did: "accepted one block late", fault: "NotAccepted", part: QUARTER, late: "accept" },
	"late-commit": { did: "committed one block late", fault: "NotDelivered", part: QUARTER, late: "commit" },
	"late-reveal": { did: "revealed one block late", fault: "NotRevealed", part: ALL, late: "reveal" },
	"late-answer": {
		did: "answered one block late",
		fault: "TraceWithheld",
		part: ALL,
		late: "answer Trace",
		async ask({ stack: { api }, client }, { id }) {
			await send(api, api.tx.verification.demand(id, "Trace", null), client, { until: "isInBlock" });
		},
	},
	"withhold-output": {
		did: "committed, revealed, and gave nobody the output",
		fault: "OutputWithheld",
		part: QUARTER,
		async ask({ stack: { api }, client }, { id }) {
			const question = { Chunk: { tensor: digits.manifest.outputs[0].tensor, chunk: 0 } };
			await send(api, api.tx.verification.demand(id, question, null), client, { until: "isInBlock" });
		},
	},
	"withhold-trace": { did: "was asked and showed nothing", fault: "TraceWithheld", part: ALL, ask: verify },
	"one-answer": { did: "answered the first question and not the second", fault: "TraceWithheld", part: ALL, ask: verify },
	"garbage-root": { did: "revealed a root with nothing under it", fault: "TraceWithheld", part: ALL, ask: verify },
	equivocator: {
		did: "committed twice and revealed what it had not committed to; both were refused",
		fault: "NotRevealed",
		part: ALL,
		refused: ["commit again", "reveal"],
	},
};

function verify(arena, { id, kind }) {
	// It ends when the worker is convicted, which nobody needs to wait for.
	arena.verify(id, asker(kind)).catch(() => {});
}

/** Who checks what a cheat has done. */
const asker = (kind) => `//asker-of-${kind}`;

test("silence costs what it should", { timeout: 900_000, concurrency: true }, async (t) => {
	await onChain(async (stack) => {
		const { api } = stack;
		const arena = new Arena(stack);
		const cheats = Object.keys(KINDS).map((kind) => [`//${kind}`, 15_000]);
		const askers = Object.keys(KINDS).map((kind) => [asker(kind), 100]);
		await Promise.all([arena.open(), arena.fund(Object.fromEntries([...cheats, ...askers]))]);

		const lane = async (hardware, owner, kinds) => {
			const lane = new Lane(arena, hardware, owner);
			await lane.open();
			const ends = [];
			for (const kind of kinds) {
				const { did, fault, part, late, ask, refused = late ? [late] : [] } = KINDS[kind];
				const job = await lane.play(kind, { deliverWithin: SHORTLY });
				const { id, number, price, cheat, address } = job;
				if (ask) {
					await arena.follow(id, "Revealed");
					await ask(arena, job);
				}
				const failed = await arena.event(id, number, "jobs.Failed");
				assert.deepEqual([failed.data.provider.toString(), failed.data.fault.type], [address, fault], kind);
				assert.equal(failed.data.penalty.toBigInt(), (20n * price * part) / 100n, `${kind}: penalty`);
				for (const step of refused) {
					const { event, reason } = await cheat.tried(id, step);
					assert.equal(event, "refused", `${kind}: ${step}`);
					t.diagnostic(`${kind}: ${step}: ${reason}`);
				}
				await lane.takeOver(id);
				ends.push(lane.settle(id).then(() => ({ kind, did, fault, id })));
				ends.at(-1).catch(() => {});
			}
			return Promise.all(ends);
		};
		const lanes = [];
		await Promise.all([
			t.test("class General", async () => {
				lanes.push(...(await lane("general", "//Bob", ["late-accept", "late-commit", "late-reveal"])));
			}),
			t.test("class HighMemory", async () => {
				lanes.push(...(await lane("high-memory", "//Dave", ["late-answer", "withhold-trace", "one-answer"])));
			}),
			t.test("class Tensor", async () => {
				lanes.push(...(await lane("tensor", "//Eve", ["withhold-output", "garbage-root", "equivocator"])));
			}),
		]);
		await t.test("when nobody has cancelled the slashes, they act", async () => {
			await arena.untilSlashed();
			for (const { kind, did, fault, id } of lanes) {
				await arena.chronicle.update();
				const [slashed] = arena.chronicle.of(id, "stake.Slashed");
				assert.ok(slashed, `${kind} was slashed`);
				assert.equal(slashed.data.fault.type, fault);
				await arena.tell(kind, did, id);
			}
			for (const owner of ["//Bob", "//Dave", "//Eve"]) {
				const ledger = (await api.query.stake.ledgers("Provider", arena.name(owner))).unwrap();
				assert.equal(ledger.active.toBigInt(), 10_000n * 10n ** 12n, `${owner} has lost nothing`);
			}
		});
	})();
});
