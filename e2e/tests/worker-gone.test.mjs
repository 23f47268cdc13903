// SPDX-License-Identifier: Apache-2.0
/** A worker that never comes back: it is penalised, its job goes to another, or closes and returns everything. */
import assert from "node:assert/strict";
import test from "node:test";
import { follow, submit } from "../lib/calor.mjs";
import { account, best, send } from "../lib/chain.mjs";
import * as digits from "../lib/digits.mjs";
import { eventsAt, sum } from "../lib/money.mjs";
import { onChain } from "../lib/stack.mjs";

/** The shortest delivery that the chain admits for this program: 5 blocks, and one to compute. */
const SHORTLY = 6;

/** A silence may be noticed before a deadline is missed; both cost the same. */
const AWAY = ["NotAccepted", "NotDelivered", "Vanished"];

/** What a provider was penalised for and how much it is to lose, from the events up to a block. */
async function penalties(api, owner, upTo) {
	const found = [];
	for (let number = 1; number <= upTo; number++) {
		for (const event of await eventsAt(api, await api.rpc.chain.getBlockHash(number))) {
			if (!api.events.jobs.Failed.is(event) || event.data.provider.toString() !== owner) continue;
			found.push([event.data.fault.type, event.data.penalty.toBigInt()]);
		}
	}
	return found;
}

/** What waits at a block to be slashed of a provider. */
async function pending(api, owner, { hash }) {
	const slashes = await (await api.at(hash)).query.stake.pendingSlashes.entries();
	const its = slashes.map(([, slash]) => slash.unwrap()).filter(({ who }) => who.toString() === owner);
	return sum(its.map(({ amount }) => amount.toBigInt()));
}

async function availability(api, owner) {
	return (await api.query.providers.providers(owner)).unwrap().availability.type;
}

test("a worker that is gone for good", { timeout: 500_000, concurrency: true }, async (t) => {
	await onChain(async (stack) => {
		const { api, blobs } = stack;
		const client = account("//Charlie");
		await send(api, api.tx.programs.register(`0x${digits.program.toString("hex")}`), client);
		const spec = (change) => digits.spec(blobs.url, { deliverWithin: SHORTLY, ...change });

		await Promise.all([
			t.test("with another worker, the job is settled by that one and the first is to lose a quarter", async () => {
				const [first, second] = [account("//Bob").address, account("//Dave").address];
				const gone = await stack.worker("//Bob");
				const { id, price } = await submit(api, spec(), client);
				await gone.logged("accepted", id);
				await gone.program.kill();
				// It must be ready before the queue closes, and not before the first has the job.
				await stack.worker("//Dave");
				const settled = await follow(api, id, "Settled");
				assert.equal(settled.state.provider, second);
				assert.deepEqual(settled.failed, [first]);
				assert.deepEqual(settled.outputRoots, digits.manifest.outputs.map(({ root }) => root));
				const [[fault, penalty], ...others] = await penalties(api, first, settled.seen.number);
				assert.ok(AWAY.includes(fault), fault);
				assert.equal(penalty, (price * 20n) / 4n);
				assert.deepEqual(others, [], "once");
				assert.deepEqual(await penalties(api, second, settled.seen.number), []);
				assert.equal(await availability(api, first), "Idle", "it gets no more jobs until it says so");
			}),

			t.test("with no other worker, the job closes and returns everything", async () => {
				const owner = account("//Eve").address;
				// Ready on chain, but nobody is at home.
				await stack.worker("//Eve", { hardware: "high-memory", run: false });
				const { id, price, escrow } = await submit(api, spec({ class: "HighMemory" }), client);
				const closed = await follow(api, id, "Closed");
				assert.equal(closed.state.reason, "NoCapacity", closed.history.join(" -> "));
				assert.equal(BigInt(closed.state.refunded), escrow);
				assert.deepEqual(closed.failed, [owner]);
				const [[fault, penalty]] = await penalties(api, owner, closed.seen.number);
				assert.ok(AWAY.includes(fault), fault);
				assert.equal(penalty, (price * 20n) / 4n);
			}),

			t.test("after a commit without a reveal, it is to lose everything behind the job and is jailed", async () => {
				const owner = account("//Ferdie").address;
				const gone = await stack.worker("//Ferdie", { hardware: "tensor" });
				const { id, price, escrow } = await submit(api, spec({ class: "Tensor" }), client);
				await follow(api, id, "Committed", { head: best });
				await gone.program.kill();
				const closed = await follow(api, id, "Closed");
				assert.equal(closed.state.reason, "NoCapacity", closed.history.join(" -> "));
				assert.equal(BigInt(closed.state.refunded), escrow);
				assert.deepEqual(closed.outputRoots, []);
				assert.deepEqual(await penalties(api, owner, closed.seen.number), [["NotRevealed", price * 20n]]);
				assert.equal(await pending(api, owner, closed.seen), price * 20n, "governance can still cancel it");
				assert.equal(await availability(api, owner), "Jailed");
			}),
		]);
	})();
});
