// SPDX-License-Identifier: Apache-2.0
/** A client that is told of its job rather than asking for it: JSON-RPC over a bare WebSocket, without any library. */
import assert from "node:assert/strict";
import test from "node:test";
import { WebSocket } from "@polkadot/x-ws";
import { submit } from "../lib/calor.mjs";
import { account, send, untilFinal } from "../lib/chain.mjs";
import * as digits from "../lib/digits.mjs";
import { onChain } from "../lib/stack.mjs";

const LIFE = ["Queued", "Assigned", "Running", "Committed", "Revealed", "Settled"];

/** A bare connection to a node. */
class Wire {
	/** @param {string} url */
	constructor(url) {
		this.socket = new WebSocket(url);
		this.open = new Promise((resolve, reject) => {
			this.socket.onopen = resolve;
			this.socket.onerror = reject;
		});
		this.answers = new Map();
		this.news = [];
		this.heard = () => {};
		this.socket.onmessage = ({ data }) => {
			const message = JSON.parse(data);
			if (message.method) this.news.push(message);
			else this.answers.get(message.id)(message);
			this.heard();
		};
	}

	/** Asks, and waits for the answer. */
	ask(id, method, ...params) {
		const answer = new Promise((resolve) => this.answers.set(id, resolve));
		this.socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
		return answer;
	}

	/** Waits until the news satisfy a condition. */
	until(condition) {
		return new Promise((resolve) => {
			this.heard = () => condition(this.news) && resolve(this.news);
			this.heard();
		});
	}
}

/** What follows itself, once. */
const steps = (names) => names.filter((name, i) => name !== names[i - 1]);

test("a subscription tells of each state, and again when it is final", { timeout: 240_000 }, async (t) => {
	await onChain(async (stack) => {
		const { api, blobs, node } = stack;
		const client = account("//Charlie");
		await Promise.all([
			stack.worker("//Bob"),
			send(api, api.tx.programs.register(`0x${digits.program.toString("hex")}`), client),
		]);
		const wire = new Wire(node.url);
		await wire.open;
		try {
			const { id } = await submit(api, digits.spec(blobs.url), client, { until: "isInBlock" });
			const { result: subscription } = await wire.ask(1, "calor_subscribeJob", id);
			const over = ({ state, block }) => state.name === "Settled" && block.finalised;
			const news = await wire.until((news) => news.some(({ params }) => over(params.result)));

			await t.test("in order, and the last is the end", () => {
				for (const { method, params } of news) {
					assert.equal(method, "calor_job");
					assert.equal(params.subscription, subscription);
					assert.equal(params.result.id, id);
				}
				const told = news.map(({ params }) => params.result);
				for (const finalised of [false, true]) {
					const part = told.filter(({ block }) => block.finalised === finalised);
					assert.deepEqual(steps(part.map(({ state }) => state.name)), LIFE, finalised ? "final" : "best");
					const heights = part.map(({ block }) => block.height);
					assert.deepEqual(heights, [...heights].sort((a, b) => a - b), "never back");
				}
				assert.ok(over(told.at(-1)), "nothing after the end");
				assert.equal(told.at(-1).outputRoots.length, digits.manifest.outputs.length, "it is the job as calor_job has it");
			});

			await t.test("then it is silent", async () => {
				const { length } = wire.news;
				await untilFinal(api, news.at(-1).params.result.block.height + 4);
				assert.equal(wire.news.length, length);
			});

			await t.test("a job that is not there is refused", async () => {
				const { error } = await wire.ask(2, "calor_subscribeJob", 4_711);
				assert.equal(error.code, 11_003);
			});
		} finally {
			wire.socket.close();
		}
	})();
});
