// SPDX-License-Identifier: Apache-2.0
/** Kill -9 the node while a job is under way: it comes back on the same state, and the job finishes. */
import assert from "node:assert/strict";
import test from "node:test";
import { follow, submit } from "../lib/calor.mjs";
import { account, best, finalised, send, untilFinal } from "../lib/chain.mjs";
import * as digits from "../lib/digits.mjs";
import { onChain } from "../lib/stack.mjs";

test("a node that is killed comes back, and the job finishes", { timeout: 400_000 }, async (t) => {
	await onChain(async (stack) => {
		const { api, blobs } = stack;
		const client = account("//Charlie");
		await Promise.all([
			stack.worker("//Bob"),
			send(api, api.tx.programs.register(`0x${digits.program.toString("hex")}`), client),
		]);
		const { id } = await submit(api, digits.spec(blobs.url), client);
		const roots = digits.manifest.outputs.map(({ root }) => root);

		for (const state of ["Running", "Revealed"]) {
			await t.test(`killed while the job is ${state}`, async () => {
				await follow(api, id, state, { head: best });
				const { number, hash } = await finalised(api);
				await stack.node.program.kill();
				await stack.node.start();
				await untilFinal(api, number + 1);
				assert.equal((await api.rpc.chain.getBlockHash(number)).toHex(), hash, "what was final has stayed");
			});
		}

		await t.test("the same worker finishes it", async () => {
			const settled = await follow(api, id, "Settled");
			assert.equal(settled.state.provider, account("//Bob").address);
			assert.deepEqual(settled.failed, []);
			assert.deepEqual(settled.outputRoots, roots);
		});
	})();
});
