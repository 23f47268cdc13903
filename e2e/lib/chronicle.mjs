// SPDX-License-Identifier: Apache-2.0
/** What became of a job and of everybody around it, from the events, and how many bytes its dispute took. */
import { finalised } from "./chain.mjs";
import { eventsAt } from "./money.mjs";

/** Calls of verification that belong to a dispute. */
const DISPUTE = ["demand", "answer", "reportSilence", "commitProof", "proveFraud", "withdrawProof"];

/** Number of the job that an event is about, if it is about one. */
function jobOf({ data }) {
	const job = data.job?.isSome ? data.job.unwrap() : data.job;
	return job?.isNone || job === undefined ? undefined : job.toString();
}

/** Reads each final block once. */
export class Chronicle {
	/** @param api of a chain @param {Map<string, string>} names of accounts by address */
	constructor(api, names) {
		this.api = api;
		this.names = names;
		this.read = 0;
		/** @type {Map<string, { name: string, data: object, number: number }[]>} */
		this.events = new Map();
		/** @type {Map<string, number>} */
		this.bytes = new Map();
	}

	/** Reads up to the last final block. One reader at a time, whoever asks. */
	update() {
		this.turn = (this.turn ?? Promise.resolve()).then(() => this.#update());
		return this.turn;
	}

	async #update() {
		const { number } = await finalised(this.api);
		for (; this.read < number; this.read++) {
			const hash = await this.api.rpc.chain.getBlockHash(this.read + 1);
			for (const event of await eventsAt(this.api, hash)) {
				const job = jobOf(event);
				if (job === undefined) continue;
				const entry = { name: `${event.section}.${event.method}`, data: event.data, number: this.read + 1 };
				this.events.set(job, [...(this.events.get(job) ?? []), entry]);
			}
			const { block } = await this.api.rpc.chain.getBlock(hash);
			for (const { method, encodedLength } of block.extrinsics) {
				if (method.section !== "verification" || !DISPUTE.includes(method.method)) continue;
				const job = method.args[0].toString();
				this.bytes.set(job, (this.bytes.get(job) ?? 0) + encodedLength);
			}
		}
	}

	/** Events about a job, by name. @param {number | string} job @param {string} [name] such as `jobs.Failed` */
	of(job, name) {
		const all = this.events.get(String(job)) ?? [];
		return name ? all.filter((event) => event.name === name) : all;
	}

	/** An account's name, or what is known of it. */
	name(address) {
		return this.names.get(String(address)) ?? `${String(address).slice(0, 8)}..`;
	}

	/** Who lost and got what by a job, in CAL. */
	balance(job) {
		const said = [];
		for (const { name, data } of this.of(job)) {
			const who = (account) => this.name(account);
			if (name === "stake.Slashed") {
				const { total, client, prover, burned } = data.slash;
				const shares = [[client, "to the client"], [prover, "to who showed it"], [burned, "burned"]];
				const parts = shares.filter(([part]) => !part.isZero()).map(([part, to]) => `${cal(part)} ${to}`);
				said.push(`${who(data.who)} lost ${cal(total)} CAL for ${data.fault} (${parts.join(", ")})`);
			}
			if (name === "verification.AuditPaid") said.push(`${who(data.auditor)} got ${cal(data.paid)} CAL for the audit`);
			if (name === "jobs.Settled") said.push(`${who(data.provider)} got ${cal(data.payment.paid)} CAL for the job`);
			if (name === "jobs.Closed") said.push(`the client got ${cal(data.refunded)} CAL back`);
		}
		return said.join("; ");
	}
}

/** An amount in CAL. @param planck number of any kind */
export function cal(planck) {
	const digits = String(BigInt(planck)).padStart(13, "0");
	return `${digits.slice(0, -12)}.${digits.slice(-12)}`.replace(/\.?0+$/, "");
}
