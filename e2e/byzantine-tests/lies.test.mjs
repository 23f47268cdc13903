// SPDX-License-Identifier: Apache-2.0
/**
 * Workers that commit to what is wrong. A client checks the result by `calor verify`, which finds the lie, asks for what it
 * needs, and proves it; the job is then done by an honest worker.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { best, untilFinal } from "../lib/chain.mjs";
import { Arena, Lane } from "../lib/lane.mjs";
import { cal } from "../lib/chronicle.mjs";
import { proveByHand } from "../lib/prover.mjs";
import { onChain } from "../lib/stack.mjs";

/** What each did. */
const LIES = {
	zeros: "computed nothing and committed to zeros",
	random: "committed to random outputs",
	"first-tile": "changed one element in the first tile of the output by one",
	"last-tile": "changed the last element of the output by one",
	padding: "put a one into the padding of the last tile",
	"wrong-trace": "gave the right output and, when asked how it came to it, changed one element between",
};

/** Checks that a lie was proved and what that cost whom. */
async function proved(arena, { id, price, number, kind, address }, prover) {
	const failed = await arena.event(id, number, "jobs.Failed");
	assert.deepEqual([failed.data.provider.toString(), failed.data.fault.type], [address, "WrongResult"]);
	assert.equal(failed.data.penalty.toBigInt(), 20n * price, "all that stood behind it");
	const { data } = await arena.event(id, number, "stake.Slashed", ({ who }) => who.toString() === address);
	const { total, client, prover: share, burned } = data.slash;
	assert.equal(total.toBigInt(), 20n * price);
	assert.equal(client.toBigInt(), total.toBigInt() / 5n, "a fifth to the client");
	assert.equal(share.toBigInt(), (total.toBigInt() * 3n) / 10n, "three tenths to who proved it");
	assert.equal(burned.toBigInt(), total.toBigInt() / 2n, "half is burned");
	const proof = await arena.event(id, number, "verification.FraudProved");
	assert.equal(proof.number, failed.number, "at once");
	const revealed = await arena.event(id, number, "verification.Revealed");
	await untilFinal(arena.stack.api, failed.number);
	await arena.chronicle.update();
	const bytes = arena.chronicle.bytes.get(String(id));
	assert.ok(bytes < 200 * 1024, `${bytes} bytes of dispute`);
	return {
		prover: proof.data.prover.toString(),
		story: `${LIES[kind]}; proved wrong by ${arena.name(prover) === proof.data.prover.toString() ? prover : "an auditor"}, `
			+ `operation ${proof.data.op}, tile ${proof.data.tile}, ${failed.number - revealed.number} blocks after its reveal, `
			+ `${(bytes / 1024).toFixed(1)} KiB on chain`,
	};
}

test("wrong results are proved wrong", { timeout: 900_000, concurrency: true }, async (t) => {
	await onChain(async (stack) => {
		const arena = new Arena(stack);
		const provers = ["//Prover1", "//Prover2", "//Prover3"];
		const cheats = Object.keys(LIES).map((kind) => [`//${kind}`, 15_000]);
		await Promise.all([
			arena.open(),
			arena.fund(Object.fromEntries([...cheats, ...provers.map((suri) => [suri, 100])])),
		]);
		const lane = async (hardware, owner, prover, kinds) => {
			const lane = new Lane(arena, hardware, owner);
			await lane.open();
			const ends = [];
			for (const kind of kinds) {
				const job = await lane.play(kind);
				await arena.follow(job.id, "Revealed", { head: best });
				let verified;
				// Who only looks at the output has nothing to complain of, `calor verify` neither.
				if (kind === "wrong-trace") await proveByHand(arena, job, prover);
				else verified = await arena.verify(job.id, prover);
				const { story } = await proved(arena, job, prover).catch((error) => {
					throw new Error(`${kind}: ${error.message}\ncalor verify ended with ${verified?.code}:\n${verified?.tail}`);
				});
				await lane.takeOver(job.id);
				ends.push(lane.settle(job.id).then(() => arena.tell(kind, story, job.id)));
				ends.at(-1).catch(() => {});
			}
			await Promise.all(ends);
		};
		await Promise.all([
			t.test("class General", () => lane("general", "//Bob", provers[0], ["zeros", "padding"])),
			t.test("class HighMemory", () => lane("high-memory", "//Dave", provers[1], ["wrong-trace", "random"])),
			t.test("class Tensor", () => lane("tensor", "//Eve", provers[2], ["first-tile", "last-tile"])),
		]);
		await t.test("honest workers have lost nothing, and everybody's money is where the events say", async () => {
			await arena.untilSlashed();
			for (const owner of ["//Bob", "//Dave", "//Eve"]) {
				const ledger = (await stack.api.query.stake.ledgers("Provider", arena.name(owner))).unwrap();
				assert.equal(cal(ledger.active.toBigInt()), "10000", owner);
			}
			const { totals, fees } = await stack.audit();
			for (const prover of provers) {
				const address = arena.name(prover);
				const gain = totals.get(address) - 100n * 10n ** 12n;
				console.log(`byzantine: ${prover}: gained ${cal(gain > 0n ? gain : 0n)} CAL after fees of ${cal(fees.get(address) ?? 0n)}`);
			}
		});
	})();
});
