// SPDX-License-Identifier: Apache-2.0
/** A fraud proof by hand: polkadot.js and hashes are all that it takes. For the first operation of the digits, a product. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { blake2AsHex } from "@polkadot/util-crypto";
import { evaluate } from "./calor.mjs";
import { account, send } from "./chain.mjs";
import * as digits from "./digits.mjs";
import { leaves, path, tiles, tracePath } from "./tensor.mjs";

const hex = (bytes) => `0x${Buffer.from(bytes).toString("hex")}`;
const bytes = (text) => Buffer.from(text.slice(2), "hex");

/** The images, `[n, 64]`, and the weights of the first layer, `[128, 64]`; both are operands of operation 0. */
const [IMAGES, WEIGHTS] = [digits.manifest.inputs[0], digits.manifest.constants[0]];

/** Salted hash that binds an account to a proof before it shows it: `primitives/src/dispute.rs`. */
export function announcement(api, job, prover, salt, proof) {
	const number = Buffer.alloc(8);
	number.writeBigUInt64LE(BigInt(job));
	const parts = [Buffer.from("calor/proof/1"), api.genesisHash.toU8a(), number, prover.publicKey, salt];
	return blake2AsHex(Buffer.concat([...parts, bytes(blake2AsHex(encoded(api, proof)))]));
}

/** A proof as its call takes it, SCALE-encoded. */
function encoded(api, proof) {
	const { type } = api.tx.verification.proveFraud.meta.args[2];
	return api.createType(type.toString(), proof).toU8a();
}

/** Asks a question and reads the answer, which stands in its block. @returns {Promise<string[]>} hashes */
async function ask(arena, { id, number }, question, shown, signer) {
	const { api } = arena.stack;
	await send(api, api.tx.verification.demand(id, question, shown), signer, { until: "isInBlock" });
	const kind = typeof question === "string" ? question : Object.keys(question)[0];
	const answered = await arena.event(id, number, "verification.QuestionAnswered", (data) => data.question.type === kind);
	const { block } = await api.rpc.chain.getBlock(answered.hash);
	const answer = block.extrinsics.find(({ method: { section, method, args } }) =>
		section === "verification" && method === "answer" && args[0].eq(id) && args[1].type === kind,
	);
	return answer.method.args[2].asHashes.map((hash) => hash.toHex());
}

/** What operation 0 gives: images times weights, as a blob. */
function product() {
	const [images, weights] = digits.operands;
	const [rows, depth] = IMAGES.dims;
	const [columns] = WEIGHTS.dims;
	const out = Buffer.alloc(4 * rows * columns);
	for (let row = 0; row < rows; row++) {
		for (let column = 0; column < columns; column++) {
			let sum = 0;
			for (let k = 0; k < depth; k++) sum += images.readInt8(row * depth + k) * weights.readInt8(column * depth + k);
			out.writeInt32LE(sum, 4 * (row * columns + column));
		}
	}
	return { blob: out, dims: [rows, columns] };
}

/** One tile of an operand, with its path. */
function opened(tensor, { dtype, dims }, blob, tile) {
	const found = [...tiles(dtype, dims, blob)][tile];
	return { tensor, inTrace: [], tiles: [[tile, hex(found)]], siblings: path(leaves(dtype, dims, blob), tile) };
}

/**
 * Has the worker of a digits job show what it computed on the way, finds the tile of operation 0 that is wrong, and proves
 * it.
 * @param {{ id: number, number: number }} job revealed @param {string} suri who asks and proves
 */
export async function proveByHand(arena, job, suri) {
	const { api } = arena.stack;
	const prover = account(suri);
	const [right, trace] = await Promise.all([
		evaluate(api, digits.program, digits.operands),
		ask(arena, job, "Trace", null, prover),
	]);
	assert.equal(right.findIndex((root, op) => root !== trace[op]), 0, "the first operation is the first that differs");
	const shown = { root: trace[0], inTrace: tracePath(trace, 0), node: null };
	const claimed = await ask(arena, job, { Upper: { op: 0 } }, shown, prover);
	const { blob, dims } = product();
	const tile = leaves("i32", dims, blob).findIndex((leaf, at) => hex(leaf) !== claimed[at]);
	const across = Math.ceil(dims[1] / 64);
	const proof = {
		op: 0,
		tile,
		claimed: claimed[tile],
		path: path(claimed.map(bytes), tile),
		inTrace: shown.inTrace,
		inputs: [
			opened(0, IMAGES, digits.operands[0], Math.floor(tile / across)),
			opened(1, WEIGHTS, digits.operands[1], tile % across),
		],
	};
	const salt = randomBytes(32);
	const { verification } = api.tx;
	const hash = announcement(api, job.id, prover, salt, proof);
	await send(api, verification.commitProof(job.id, hash), prover, { until: "isInBlock" });
	await send(api, verification.proveFraud(job.id, salt, proof), prover, { until: "isInBlock" });
}
