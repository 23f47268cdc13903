// SPDX-License-Identifier: Apache-2.0
/** A tiny HTTP server for the client's blobs. */
import { createServer } from "node:http";
import { files } from "./digits.mjs";

/** Serves the digits example, and faulty variants of its input under other paths. */
export class BlobServer {
	/** @param {Map<string, Buffer>} [extra] more blobs by path */
	constructor(extra = new Map()) {
		this.blobs = new Map([...files, ...extra]);
		this.server = createServer((request, response) => {
			const blob = this.blobs.get(new URL(request.url, "http://localhost").pathname);
			if (!blob) return response.writeHead(404).end("no such blob\n");
			response.writeHead(200, { "content-type": "application/octet-stream", "content-length": blob.length });
			response.end(blob);
		});
	}

	/** @param {number} [port] else a free one @returns {Promise<string>} its address */
	async start(port = 0) {
		await new Promise((resolve, reject) => {
			this.server.once("error", reject);
			this.server.listen(port, "127.0.0.1", resolve);
		});
		this.url = `http://127.0.0.1:${this.server.address().port}`;
		return this.url;
	}

	/** Ends it. */
	async stop() {
		this.server.closeAllConnections?.();
		await new Promise((resolve) => this.server.close(resolve));
	}
}
