// SPDX-License-Identifier: Apache-2.0
/** A worker and an auditor in league, and a provider that claims what it cannot do. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { best, sudo } from "../lib/chain.mjs";
import { cal } from "../lib/chronicle.mjs";
import { audited, enrolled, gone } from "../lib/audits.mjs";
import { Arena } from "../lib/lane.mjs";
import { firstEvent } from "../lib/money.mjs";
import { onChain } from "../lib/stack.mjs";

/** Multiply-accumulates per second that the forger claims: two hundred times what the honest do. */
const BOASTED = 2 * 10 ** 9;

test("collusion and forged capacity", { timeout: 900_000, concurrency: true }, async (t) => {
	await onChain(async (stack) => {
		const { api } = stack;
		const arena = new Arena(stack);
		await Promise.all([
			arena.open(),
			arena.fund({
				"//colluder": 15_000,
				"//auditor-agrees": 210_000,
				"//capacity-forger": 15_000,
				"//Prover1": 100,
				"//Prover2": 100,
			}),
			arena.worker("//Bob", { hardware: "general", stake: 1_000 }),
			arena.worker("//Eve", { hardware: "tensor", flags: ["--no-audit"] }),
		]);

		await Promise.all([
			t.test("a worker and an auditor in league lose both, and the client is served", async () => {
				const share = join(stack.dir, "share");
				mkdirSync(share);
				await arena.rest("//Eve");
				const options = { hardware: "high-memory", share };
				await arena.cheat("//auditor-agrees", "auditor-agrees", { ...options, stake: 200_000 });
				await arena.cheat("//colluder", "colluder", { ...options, hardware: "tensor" });
				await enrolled(arena, "//auditor-agrees");
				const { id, number, price } = await audited(arena, "tensor", "//auditor-agrees");
				await arena.event(id, number, "verification.AuditCompared", ({ agrees }) => agrees.isTrue);
				const verified = await arena.verify(id, "//Prover1");
				const failed = await arena.event(id, number, "jobs.Failed");
				assert.equal(failed.data.fault.type, "WrongResult", verified.tail);
				assert.equal(failed.data.provider.toString(), arena.name("//colluder"));
				const judged = await arena.event(id, number, "verification.AuditFailed");
				assert.deepEqual(
					[judged.data.auditor.toString(), judged.data.fault.type, judged.data.penalty.toBigInt()],
					[arena.name("//auditor-agrees"), "AuditorAgreed", 2n * price],
				);
				await gone(arena, "//auditor-agrees");
				await arena.wake("//Eve");
				const settled = await arena.follow(id, "Settled");
				assert.equal(settled.state.provider, arena.name("//Eve"));
				await arena.chronicle.update();
				const slashes = arena.chronicle.of(id, "stake.Slashed").map(({ data }) => data.slash);
				const lost = slashes.reduce((total, { total: part }) => total + part.toBigInt(), 0n);
				const back = slashes.reduce((total, { client, prover }) => total + client.toBigInt() + prover.toBigInt(), 0n);
				assert.ok(2n * back <= lost, "at most half comes back, whoever client and prover are");
				await arena.tell("auditor-agrees", "agreed with what the worker had told it; the result was proved wrong", id);
				const story = `together lost ${cal(lost)} CAL for a job of ${cal(price)}, `
					+ `and ${cal(lost - back)} if client and prover were theirs`;
				await arena.tell("colluding worker + auditor", story);
			}),

			t.test("who forges its capacity loses everything", async () => {
				// Not after four hours.
				const windows = await api.query.capacity.currentWindows();
				await sudo(api, api.tx.capacity.setWindows({ ...windows.toJSON(), interval: 1 }));
				const { number } = await best(api);
				const owner = arena.name("//capacity-forger");
				await arena.cheat("//capacity-forger", "capacity-forger", { hardware: "high-memory", mac: BOASTED });
				const is = (name) => (it) => `${it.section}.${it.method}` === name;
				const committed = await firstEvent(api, number, (it) =>
					is("capacity.ProofCommitted")(it) && it.data.provider.toString() === owner,
				);
				const id = committed.data.job.toString();
				await arena.event(id, number, "capacity.ProofRevealed");
				const verified = await arena.verify(id, "//Prover2");
				const excluded = await firstEvent(api, number, is("stake.AccountExcluded"));
				assert.deepEqual([excluded.data.who.toString(), excluded.data.fault.type], [owner, "ForgedCapacity"], verified.tail);
				const { data } = await firstEvent(api, number, (it) =>
					is("stake.Slashed")(it) && it.data.who.toString() === owner,
				);
				assert.equal(cal(data.slash.total), "10000", "everything");
				const provider = (await api.query.providers.providers(owner)).unwrapOr(undefined);
				assert.ok(!provider || provider.proven.isZero(), "and nothing is proven");
				const { total, prover, burned } = data.slash;
				const story = `claimed ${BOASTED} MAC/s and committed to zeros; `
					+ `//capacity-forger lost ${cal(total)} CAL for ForgedCapacity (${cal(prover)} to who showed it, ${cal(burned)} burned)`;
				await arena.tell("capacity-forger", story);
			}),
		]);
		await arena.untilSlashed();
	})();
});
