// SPDX-License-Identifier: Apache-2.0
/**
 * Challengers without a case: one with a false proof, and a hundred that ask whatever can be asked. They are plain
 * accounts with polkadot.js, as anybody can be.
 */
import assert from "node:assert/strict";
import { encodeAddress } from "@polkadot/util-crypto";
import { evaluate } from "./calor.mjs";
import { account, best, Refused, send } from "./chain.mjs";
import { cal } from "./chronicle.mjs";
import * as digits from "./digits.mjs";
import { announcement } from "./prover.mjs";
import { tracePath } from "./tensor.mjs";

/** How many there are. */
const SYBILS = 100;

/** The latest that a job may settle after its reveal: see docs/protocol/verification.md. */
async function patience(api) {
	const { challenge, answer, prove } = await api.query.verification.currentWindows();
	// One block to compute: the digits are small.
	return challenge.toNumber() + 4 * (answer.toNumber() + prove.toNumber()) + 1;
}

/** What a question shows of an operation: its root and where it stands in the trace. */
function shown(roots, op, outputs) {
	return { root: roots[op], inTrace: outputs.includes(op) ? [] : tracePath(roots, op), node: null };
}

/** Everything that can be asked about the digits, with what it shows. */
function questions(roots) {
	const leaves = digits.operands.length;
	const outputs = digits.manifest.outputs.map(({ tensor }) => tensor - leaves);
	const uppers = roots.map((_, op) => [{ Upper: { op } }, shown(roots, op, outputs)]);
	const tensors = [...digits.operands.keys(), ...digits.manifest.outputs.map(({ tensor }) => tensor)];
	return [...uppers, ...tensors.map((tensor) => [{ Chunk: { tensor, chunk: 0 } }, null])];
}

/** Sends a call that the chain must refuse. @returns the error's name */
async function refused(api, call, signer) {
	try {
		await send(api, call, signer, { until: "isInBlock" });
	} catch (error) {
		if (error instanceof Refused) return error.name;
		throw error;
	}
	throw new Error(`${call.method.section}.${call.method.method} was not refused`);
}

/** One challenger that asks, shows what is not so, announces a proof and shows a false one. */
async function falseChallenger(arena, hardware, roots) {
	const { api } = arena.stack;
	const liar = account("//Liar");
	const { id, number, price } = await arena.submit(hardware);
	await arena.follow(id, "Revealed", { head: best });
	const { verification } = api.tx;
	await send(api, verification.demand(id, "Trace", null), liar, { until: "isInBlock" });
	await arena.event(id, number, "verification.QuestionAnswered");
	const outputs = digits.manifest.outputs.map(({ tensor }) => tensor - digits.operands.length);
	const wrong = { ...shown(roots, 0, outputs), root: `0x${"42".repeat(32)}` };
	const errors = [await refused(api, verification.demand(id, { Upper: { op: 0 } }, wrong), liar)];
	const proof = { op: 0, tile: 0, claimed: `0x${"42".repeat(32)}`, path: [], inTrace: [], inputs: [] };
	const salt = Buffer.alloc(32, 7);
	await send(api, verification.commitProof(id, announcement(api, id, liar, salt, proof)), liar, { until: "isInBlock" });
	errors.push(await refused(api, verification.proveFraud(id, salt, proof), liar));
	await arena.follow(id, "Settled");
	const burned = await arena.event(id, number, "verification.DepositBurned");
	assert.equal(burned.data.who.toString(), liar.address);
	const story = `asked, showed a root that is not in the trace (${errors[0]}), and a false proof (${errors[1]}); `
		+ `lost ${cal(burned.data.amount)} CAL that was held for the proof`;
	return { id, number, price, story };
}

/** A hundred that ask everything at once. */
async function sybils(arena, hardware, roots) {
	const { api } = arena.stack;
	const all = Array.from({ length: SYBILS }, (_, i) => account(`//Sybil${i}`));
	const { id, number, price } = await arena.submit(hardware);
	await arena.follow(id, "Revealed", { head: best });
	const { verification } = api.tx;
	const outcome = { asked: 0, refused: 0 };
	const ask = async (sybil, [question, shown]) => {
		try {
			await send(api, verification.demand(id, question, shown), sybil, { until: "isInBlock" });
			outcome.asked++;
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
			outcome.refused++;
		}
	};
	await Promise.all(all.map((sybil) => ask(sybil, ["Trace", null])));
	await arena.event(id, number, "verification.QuestionAnswered", ({ question }) => question.isTrace);
	const every = questions(roots);
	await Promise.all(all.map((sybil, i) => ask(sybil, every[i % every.length])));
	const settled = await arena.follow(id, "Settled");
	const revealed = await arena.event(id, number, "verification.Revealed");
	const took = settled.state.at - revealed.number;
	assert.ok(took <= (await patience(api)), `settled ${took} blocks after its reveal`);
	await arena.chronicle.update();
	const answers = arena.chronicle.of(id, "verification.QuestionAnswered");
	const earned = answers.reduce((total, { data }) => total + data.deposit.toBigInt(), 0n);
	assert.equal(answers.length, outcome.asked, "every question was answered");
	const bytes = arena.chronicle.bytes.get(String(id));
	const story = `asked ${outcome.asked} questions and were refused ${outcome.refused} (each can be asked once); `
		+ `the worker earned ${cal(earned)} CAL by answers and its job settled ${took} blocks after its reveal, `
		+ `${(bytes / 1024).toFixed(0)} KiB on chain`;
	return { id, number, price, story };
}

/** Plays both against an honest worker and checks that it is paid in full. */
export async function challengers(t, arena, hardware, owner) {
	const { api } = arena.stack;
	await arena.fund(Object.fromEntries([["//Liar", 100], ...Array.from({ length: SYBILS }, (_, i) => [`//Sybil${i}`, 10])]));
	const roots = await evaluate(api, digits.program, digits.operands);
	for (const [kind, play] of [["false challenger", falseChallenger], [`${SYBILS} sybil challengers`, sybils]]) {
		await t.test(kind, async () => {
			const { id, price, story } = await play(arena, hardware, roots);
			await arena.chronicle.update();
			assert.deepEqual(arena.chronicle.of(id, "jobs.Failed"), [], "nobody failed");
			const [{ data }] = arena.chronicle.of(id, "jobs.Settled");
			assert.equal(encodeAddress(data.provider.toU8a(), 42), arena.name(owner));
			const { paid, burned, withheld } = data.payment;
			assert.equal(paid.toBigInt() + burned.toBigInt() + withheld.toBigInt(), price, "the whole price was for the worker and its burn");
			await arena.tell(kind, story, id);
		});
	}
}
