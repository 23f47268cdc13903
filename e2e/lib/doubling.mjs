// SPDX-License-Identifier: Apache-2.0
/** A program whose output can be its next input: i32[1,70], doubled. The least that a chain of jobs needs. */
import { blake2AsHex } from "@polkadot/util-crypto";
import { TERMS } from "./calor.mjs";
import { tensorRoot } from "./tensor.mjs";

const LENGTH = 70;
const [DTYPE, DIMS] = ["i32", [1, LENGTH]];

/** Version 1; one input i32[1,70]; no constants; tensor 1 is tensor 0 + tensor 0; it is the output. */
export const program = Buffer.from([1, 4, 1, 8, 1, 0, 0, 0, LENGTH, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 4, 1, 0]);

/** 0, 1, 2, .. as a blob. */
export const start = blob(Array.from({ length: LENGTH }, (_, i) => i));

function blob(numbers) {
	const bytes = Buffer.alloc(4 * LENGTH);
	numbers.forEach((number, i) => bytes.writeInt32LE(number, 4 * i));
	return bytes;
}

/** What the program makes of a blob. @param {Buffer} bytes */
export function doubled(bytes) {
	return blob(Array.from({ length: LENGTH }, (_, i) => 2 * bytes.readInt32LE(4 * i)));
}

/** Root of a blob. @param {Buffer} bytes */
export const root = (bytes) => tensorRoot(DTYPE, DIMS, bytes);

/** An input of a job: a blob at an address. @param {string} uri @param {Buffer} [bytes] else {@link start} */
export const startAt = (uri, bytes = start) => ({
	Blob: { ty: { dtype: "I32", dims: DIMS }, root: root(bytes), uris: [uri] },
});

/** An input of a job: what the job at that place of the same batch puts out. @param {number} position from 0 */
export const outputOf = (position) => ({ OutputOfEarlier: { position, index: 0, mirrors: [] } });

/**
 * The job as `jobs.submit` takes it.
 * @param {object} input @param {object} [change] fields of the specification to replace
 */
export function spec(input, change = {}) {
	return { ...TERMS, program: blake2AsHex(program), constants: [], inputs: [input], ...change };
}
