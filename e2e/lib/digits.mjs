// SPDX-License-Identifier: Apache-2.0
/** The committed digits example as a job: program, blobs, expected results. */
import { readFileSync } from "node:fs";
import { TERMS } from "./calor.mjs";
import { tensorRoot } from "./tensor.mjs";

const FOLDER = new URL("../../examples/digits/", import.meta.url);
const read = (file) => readFileSync(new URL(file, FOLDER));

/** What `train.py` wrote about its files. */
export const manifest = JSON.parse(read("manifest.json"));
/** The encoded program. */
export const program = read(manifest.program.file);
/** What the images show: one byte an image. */
export const labels = read(manifest.labels.file);

/** Blobs of all inputs and constants, in the order of the program. */
export const operands = [...manifest.inputs, ...manifest.constants].map(({ file }) => read(file));

/** Blobs by the path under which they are served. @type {Map<string, Buffer>} */
export const files = new Map(
	[...manifest.inputs, ...manifest.constants].map(({ file }) => [`/${file}`, read(file)]),
);

const tensorRef = (base) => ({ file, dtype, dims, root }) => ({
	ty: { dtype: dtype.toUpperCase(), dims },
	root,
	uris: [`${base}/${file}`],
});

/**
 * The job as `jobs.submit` takes it.
 * @param {string} base address under which the blobs are served, without a slash at the end
 * @param {object} [change] fields of the specification to replace
 */
export function spec(base, change = {}) {
	return {
		...TERMS,
		program: manifest.program.id,
		constants: manifest.constants.map(tensorRef(base)),
		inputs: manifest.inputs.map(tensorRef(base)).map((blob) => ({ Blob: blob })),
		...change,
	};
}

/**
 * Share of the images that were recognised.
 * @param {Buffer} classes blob of the first output: i32[n,1]
 */
export function accuracy(classes) {
	const right = labels.filter((label, i) => classes.readInt32LE(4 * i) === label).length;
	return right / labels.length;
}

/**
 * Checks a fetched output against the root that the chain has for it.
 * @param {number} index of the output @param {Buffer} blob @param {string} root
 */
export function checkOutput(index, blob, root) {
	const { dtype, dims, name } = manifest.outputs[index];
	const found = tensorRoot(dtype, dims, blob);
	if (found !== root) {
		throw new Error(`output ${index} (${name}) has root ${found}, the chain says ${root}: the worker lied`);
	}
}
