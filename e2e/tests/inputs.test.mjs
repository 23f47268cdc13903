// SPDX-License-Identifier: Apache-2.0
/** Inputs that a worker cannot use: it declines without a penalty, and the job closes saying what was wrong. */
import assert from "node:assert/strict";
import test from "node:test";
import { follow, submit } from "../lib/calor.mjs";
import { account, send } from "../lib/chain.mjs";
import * as digits from "../lib/digits.mjs";
import { onChain } from "../lib/stack.mjs";

const [INPUT] = digits.manifest.inputs;
const blob = digits.files.get(`/${INPUT.file}`);

/** Path, content, the fault that a worker must report, and the class: two jobs a worker, or they wait too long. */
const FAULTS = [
	["missing.bin", undefined, "Missing", "General"],
	["altered.bin", Buffer.from(blob.map((byte, i) => (i === 1_000 ? byte ^ 1 : byte))), "WrongRoot", "General"],
	["long.bin", Buffer.concat([blob, Buffer.alloc(1_000_000)]), "WrongSize", "HighMemory"],
	["short.bin", blob.subarray(1), "WrongSize", "HighMemory"],
];
const OWNERS = { General: "//Bob", HighMemory: "//Dave" };

test("an input that cannot be used closes the job, and nobody loses anything", { timeout: 400_000, concurrency: true }, async (t) => {
	await onChain(async (stack) => {
		const { api, blobs } = stack;
		const client = account("//Charlie");
		for (const [path, content] of FAULTS) if (content) blobs.blobs.set(`/${path}`, content);
		await Promise.all([
			stack.worker(OWNERS.General),
			stack.worker(OWNERS.HighMemory, { hardware: "high-memory" }),
			send(api, api.tx.programs.register(`0x${digits.program.toString("hex")}`), client),
		]);
		const [input] = digits.spec(blobs.url).inputs;
		await Promise.all(
			FAULTS.map(([path, , fault, hardware]) =>
				t.test(`${path}: ${fault}`, async () => {
					const uris = [`${blobs.url}/${path}`];
					const spec = digits.spec(blobs.url, {
						class: hardware,
						inputs: [{ Blob: { ...input.Blob, uris } }],
					});
					const { id, escrow } = await submit(api, spec, client);
					const closed = await follow(api, id, "Closed");
					assert.equal(closed.state.reason, "InputUnavailable", closed.history.join(" -> "));
					assert.equal(closed.state.fault, fault);
					assert.equal(BigInt(closed.state.refunded), escrow, "everything is returned");
					assert.deepEqual(closed.failed, [account(OWNERS[hardware]).address]);
				}),
			),
		);
		await t.test("a second address is tried when the first gives nothing usable", async () => {
			const uris = ["missing.bin", "altered.bin", INPUT.file].map((path) => `${blobs.url}/${path}`);
			const spec = digits.spec(blobs.url, { inputs: [{ Blob: { ...input.Blob, uris } }] });
			const { id } = await submit(api, spec, client);
			await follow(api, id, "Revealed");
		});
		const { burned } = await stack.audit();
		assert.equal(burned.Slash ?? 0n, 0n, "nobody was slashed");
	})();
});
