// SPDX-License-Identifier: Apache-2.0
/**
 * Receipts of jobs whose records were dropped: a Merkle mountain range over the leaves that the events name. Whoever keeps
 * the leaves can prove to anyone who asks the chain for its peaks that a job was there, and how it ended.
 */
import { blake2AsHex } from "@polkadot/util-crypto";

const bytes = (hex) => Buffer.from(hex.slice(2), "hex");
const parent = (left, right) => blake2AsHex(Buffer.concat([Buffer.of(1), bytes(left), bytes(right)]));

/** The leaf of a receipt. @param {Uint8Array} receipt its SCALE encoding */
export const leafOf = (receipt) => blake2AsHex(Buffer.concat([Buffer.of(0), receipt]));

/** First index and height of the mountain that has a leaf, and how many mountains stand before it. */
function mountain(count, index) {
	let [start, before] = [0, 0];
	for (let height = 52; height >= 0; height--) {
		const size = 2 ** height;
		if (Math.floor(count / size) % 2 === 0) continue;
		if (index < start + size) return { start, height, before };
		start += size;
		before++;
	}
	throw new Error(`there is no leaf ${index} among ${count}`);
}

/** Siblings of a leaf on its way up to its peak, lowest first. @param {string[]} leaves all, in order */
export function prove(leaves, index) {
	const { start, height } = mountain(leaves.length, index);
	let level = leaves.slice(start, start + 2 ** height);
	const path = [];
	for (let at = index - start; level.length > 1; at >>= 1) {
		path.push(level[at ^ 1]);
		level = level.flatMap((left, i) => (i % 2 ? [] : [parent(left, level[i + 1])]));
	}
	return path;
}

/** Whether a path leads from a leaf to its peak. @param {{ count: number, peaks: string[] }} receipts as the chain has them */
export function proves({ count, peaks }, leaf, index, path) {
	const { start, height, before } = mountain(count, index);
	if (path.length !== height) return false;
	const up = (node, sibling, level) =>
		Math.floor((index - start) / 2 ** level) % 2 ? parent(sibling, node) : parent(node, sibling);
	return path.reduce(up, leaf) === peaks[before];
}
