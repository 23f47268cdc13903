// SPDX-License-Identifier: Apache-2.0
/** Auditors: waiting until one counts, and jobs that it audits. */
import { account, best, blocks, send } from "./chain.mjs";

/** Times that a job is submitted until the auditor that is meant is drawn: most stake is its own. */
const TRIES = 4;

/** Waits until an account has stake in the round of auditors that counts. */
export async function enrolled(arena, owner) {
	const { api } = arena.stack;
	const address = arena.name(owner);
	for await (const { hash } of blocks(api, best)) {
		const at = await api.at(hash);
		const [seat, round] = await Promise.all([at.query.verification.seats(address), at.query.verification.currentRound()]);
		const powers = seat.isSome ? seat.unwrap().powers.filter((power) => power.isSome).map((power) => power.unwrap()) : [];
		if (powers.some((power) => power.round.eq(round.number))) return;
	}
}

/** Takes an auditor out of the lottery: its owner says so, and it counts no more from the next round on. */
export async function gone(arena, owner) {
	const { api, workers } = arena.stack;
	await send(api, api.tx.verification.enrol(false), account(owner));
	await workers.find((worker) => worker.owner === owner).program.kill();
	const { number } = (await api.query.verification.currentRound());
	for await (const { hash } of blocks(api, best)) {
		const round = await (await api.at(hash)).query.verification.currentRound();
		if (round.number.toNumber() > number.toNumber()) return;
	}
}

/** A job whose result must be audited, and is by that auditor. */
export async function audited(arena, hardware, owner) {
	const address = arena.name(owner);
	for (let attempt = 0; attempt < TRIES; attempt++) {
		const job = await arena.submit(hardware, { assurance: "Audited" });
		const { data } = await arena.event(job.id, job.number, "verification.AuditClaimed");
		if (data.auditor.toString() === address) return { ...job, address };
	}
	throw new Error(`${owner} was not drawn in ${TRIES} jobs`);
}
