// SPDX-License-Identifier: Apache-2.0
/**
 * Auditors that do not audit. Each is the one that is drawn for a job, since most of the auditors' stake is its own.
 * Challengers that are wrong play on the same chain: see `challengers.mjs`.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { Arena } from "../lib/lane.mjs";
import { audited, enrolled, gone } from "../lib/audits.mjs";
import { challengers } from "../lib/challengers.mjs";
import { onChain } from "../lib/stack.mjs";

test("auditors that do not audit, and challengers without a case", { timeout: 900_000, concurrency: true }, async (t) => {
	await onChain(async (stack) => {
		const { api } = stack;
		const arena = new Arena(stack);
		const auditors = ["auditor-silent", "auditor-copies", "auditor-disagrees"].map((kind) => [`//${kind}`, 110_000]);
		await Promise.all([
			arena.open(),
			arena.fund(Object.fromEntries(auditors)),
			// One works, one audits what the cheats leave, one is challenged for nothing.
			arena.worker("//Bob", { hardware: "general", flags: ["--no-audit"] }),
			arena.worker("//Dave", { hardware: "high-memory" }),
			arena.worker("//Eve", { hardware: "tensor", flags: ["--no-audit"] }),
		]);

		/** Has a cheat drawn as auditor of a job of Bob's. */
		const play = async (kind) => {
			const owner = `//${kind}`;
			await arena.cheat(owner, kind, { hardware: "high-memory", stake: 100_000 });
			await enrolled(arena, owner);
			return { owner, ...(await audited(arena, "general", owner)) };
		};

		await Promise.all([
			t.test("who is silent is replaced and loses a quarter", async () => {
				const { id, number, price, address, owner } = await play("auditor-silent");
				const { data } = await arena.event(id, number, "verification.AuditFailed");
				assert.deepEqual([data.auditor.toString(), data.fault.type], [address, "AuditorSilent"]);
				assert.equal(data.penalty.toBigInt(), (2n * price) / 4n, "a quarter of twice the value");
				const settled = await arena.follow(id, "Settled");
				assert.equal(settled.state.provider, arena.name("//Bob"));
				await arena.chronicle.update();
				const paid = arena.chronicle.of(id, "verification.AuditPaid").map((event) => event.data.auditor.toString());
				assert.equal(paid.length, 1, "one auditor was paid");
				assert.notEqual(paid[0], address);
				await gone(arena, owner);
				const copied = await copies(play, arena);
				await gone(arena, copied.owner);
				const disagreed = await disagrees(play, arena);
				await arena.untilSlashed();
				await arena.tell("auditor-silent", "was drawn and did nothing; another was drawn for it", id);
				await arena.tell("auditor-copies", "committed to the worker's own commitment and could not open it", copied.id);
				await arena.tell("auditor-disagrees", "disagreed with a right result and proved nothing", disagreed.id);
			}),
			t.test("challengers without a case", () => challengers(t, arena, "tensor", "//Eve")),
		]);
		for (const owner of ["//Bob", "//Dave", "//Eve"]) {
			const ledger = (await api.query.stake.ledgers("Provider", arena.name(owner))).unwrap();
			assert.equal(ledger.active.toBigInt(), 10_000n * 10n ** 12n, `${owner} has lost nothing`);
		}
	})();
});

/** An auditor that copies has nothing to show: the client gets everything back, and the worker is not to blame. */
async function copies(play, arena) {
	const { id, number, price, address, owner } = await play("auditor-copies");
	const closed = await arena.follow(id, "Closed");
	assert.equal(closed.state.reason, "NotAudited", closed.history.join(" -> "));
	assert.deepEqual(closed.failed, [], "the worker did its part");
	const { data } = await arena.event(id, number, "verification.AuditFailed");
	assert.deepEqual([data.auditor.toString(), data.fault.type], [address, "NotRevealed"]);
	assert.equal(data.penalty.toBigInt(), 2n * price, "twice the value");
	return { id, owner };
}

/** An auditor that disagrees must prove it. */
async function disagrees(play, arena) {
	const { id, number, address, owner } = await play("auditor-disagrees");
	const settled = await arena.follow(id, "Settled");
	assert.equal(settled.state.provider, arena.name("//Bob"));
	const { data } = await arena.event(id, number, "verification.AuditFailed");
	assert.deepEqual([data.auditor.toString(), data.fault.type], [address, "AuditorUnproven"]);
	return { id, owner };
}
