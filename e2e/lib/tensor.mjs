// SPDX-License-Identifier: Apache-2.0
/** Tensor roots (design section 3), so that a client checks what it fetches against what the chain says. */
import { createHash } from "node:crypto";

const TILE = 64;
const WIDTH = { i8: 1, i32: 4 };
const CODE = { i8: 0, i32: 1 };

/** @param {...(Buffer | Uint8Array)} parts */
function sha256(...parts) {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(part);
	return hash.digest();
}

/**
 * Bytes of a blob of that type.
 * @param {"i8" | "i32"} dtype @param {number[]} dims
 */
export function blobSize(dtype, dims) {
	return dims.reduce((product, dim) => product * dim, WIDTH[dtype]);
}

/** The 64x64 tiles of a blob in order, zero-padded: matrix by matrix, row-major within. */
export function* tiles(dtype, dims, blob) {
	const width = WIDTH[dtype];
	const [rows, cols] = [1, ...dims].slice(-2);
	const stride = cols * width;
	for (let matrix = 0; matrix < blob.length; matrix += rows * stride) {
		for (let row = 0; row < rows; row += TILE) {
			for (let col = 0; col < cols; col += TILE) {
				const tile = Buffer.alloc(TILE * TILE * width);
				for (let r = row; r < Math.min(row + TILE, rows); r++) {
					const from = matrix + r * stride + col * width;
					const to = matrix + r * stride + Math.min(col + TILE, cols) * width;
					blob.copy(tile, (r - row) * TILE * width, from, to);
				}
				yield tile;
			}
		}
	}
}

/** Hashes of a blob's tiles. */
export function leaves(dtype, dims, blob) {
	return Array.from(tiles(dtype, dims, blob), (tile) => sha256(Buffer.of(0), tile));
}

/**
 * The 32 bytes by which a tensor is known on chain, as hex.
 * @param {"i8" | "i32"} dtype element type @param {number[]} dims dimensions, outermost first
 * @param {Buffer} blob dense row-major little-endian
 * @throws if the blob has another size than its type
 */
export function tensorRoot(dtype, dims, blob) {
	const size = blobSize(dtype, dims);
	if (blob.length !== size) {
		throw new Error(`a blob of ${dtype}[${dims}] has ${size} bytes, this one has ${blob.length}`);
	}
	let level = leaves(dtype, dims, blob);
	while (level.length & (level.length - 1)) level.push(Buffer.alloc(32));
	while (level.length > 1) {
		level = level.flatMap((left, i) => (i % 2 ? [] : [sha256(Buffer.of(1), left, level[i + 1])]));
	}
	const head = Buffer.alloc(3 + 4 * dims.length);
	head.set([2, CODE[dtype], dims.length]);
	dims.forEach((dim, i) => head.writeUInt32LE(dim, 3 + 4 * i));
	return `0x${sha256(head, level[0]).toString("hex")}`;
}

/**
 * Path of one operation's root in the trace, lowest first.
 * @param {string[]} roots of what all operations define, as hex @param {number} op
 * @returns {string[]} siblings as hex
 */
export function tracePath(roots, op) {
	return path(roots.map((root) => sha256(Buffer.of(0), Buffer.from(root.slice(2), "hex"))), op);
}

/**
 * Path of one leaf to the root of its tree, lowest first.
 * @param {Buffer[]} leaves @param {number} index
 * @returns {string[]} siblings as hex
 */
export function path(leaves, index) {
	let level = [...leaves];
	while (level.length & (level.length - 1)) level.push(Buffer.alloc(32));
	const siblings = [];
	for (let at = index; level.length > 1; at >>= 1) {
		siblings.push(`0x${level[at ^ 1].toString("hex")}`);
		level = level.flatMap((left, i) => (i % 2 ? [] : [sha256(Buffer.of(1), left, level[i + 1])]));
	}
	return siblings;
}
