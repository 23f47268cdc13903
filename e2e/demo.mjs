// SPDX-License-Identifier: Apache-2.0
/**
 * The digits job from end to end, as a researcher's script would do it: register the program, submit the job, watch it,
 * fetch its outputs before they are public, check them, and make up the accounts. `scripts/demo.sh` starts chain and worker.
 *
 * Usage: demo.mjs --chain URL --worker-out FILE [--started MILLISECONDS]
 *
 * `--worker-out` is where the worker's stdout goes, `--started` when the clock began. Progress goes to stderr; the last line
 * on stdout is one JSON object. Exit code 0 only if everything is right.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { BlobServer } from "./lib/blobs.mjs";
import { describe, evaluate, fetchHeaders, fetchOutput, follow, InvariantWatch, rpc, submit } from "./lib/calor.mjs";
import { account, best, connect, send } from "./lib/chain.mjs";
import * as digits from "./lib/digits.mjs";
import { assertConserved, heldOf, purchaseBurn, reconcile, snapshot, SUBMISSION_FEE, sum, UNIT } from "./lib/money.mjs";

/** What the client adds for a better place in the queue, in planck. */
const TIP = UNIT / 1_000n;
/** Blocks for which the client's permission to fetch early is good. */
const PERMISSION = 1_000;

const { values: options } = parseArgs({
	options: { chain: { type: "string" }, "worker-out": { type: "string" }, started: { type: "string" } },
});
const started = Number(options.started ?? Date.now());
const seconds = () => (Date.now() - started) / 1_000;
const say = (text) => console.error(`${seconds().toFixed(1).padStart(6)} s  ${text}`);
/** An amount with as many digits as it has. */
const cal = (planck) => {
	const digits = String(planck).padStart(13, "0");
	return `${digits.slice(0, -12)}.${digits.slice(-12)}`.replace(/\.?0+$/, "") + " CAL";
};

/** The worker's first line, which names its adapter. */
async function workerReady() {
	for (;;) {
		const out = existsSync(options["worker-out"]) ? readFileSync(options["worker-out"], "utf8") : "";
		const line = out.split("\n").find((text) => text.includes('"ready"'));
		if (line) return JSON.parse(line);
		await sleep(100);
	}
}

/**
 * Registers the program, and submits the job once the worker runs: it counts as ready from its registration on, and a
 * slow start would cost it the job.
 */
async function post(api, client, base, ready) {
	const code = `0x${digits.program.toString("hex")}`;
	const checked = await api.call.programsApi.checkProgram(code);
	const mac = checked.asOk.toNumber();
	const quote = await rpc(api, "quote", "General", mac);
	say(`the program costs ${mac} MAC; the quote is ${cal(quote.price)}, and ${cal(quote.levy)} for audits`);
	say(`in credits, of which a twentieth is burned when they are bought: ${cal(quote.cost)}, until block ${quote.validUntil}`);
	await Promise.all([send(api, api.tx.programs.register(code), client, { until: "isInBlock" }), ready]);
	// The quote itself is the most that this client pays: it cannot rise unseen.
	const spec = digits.spec(base, { maxPrice: quote.price, tip: TIP, reference: `0x${"d1".repeat(32)}` });
	const job = await submit(api, spec, client, { until: "isInBlock" });
	say(`program ${digits.manifest.program.id} registered, job ${job.id} submitted in block ${job.number}`);
	return job;
}

/** Follows the job until it is paid for good, and fetches its outputs as soon as there are any. */
async function watchJob(api, client, id) {
	let early;
	const fetchEarly = async (block) => {
		const { endpoint } = await rpc(api, "job", id);
		const headers = fetchHeaders(api, id, block.number + PERMISSION, client);
		const outputs = await Promise.all(digits.manifest.outputs.map((_, i) => fetchOutput(endpoint, id, i, headers)));
		say(`outputs fetched from ${endpoint} by the client's signature`);
		return outputs;
	};
	const onState = (state, block) => {
		say(`block ${block.number}: job ${id} is ${describe(state)}`);
		if (state.name === "Committed" && !early) {
			early = fetchEarly(block);
			early.catch(() => {});
		}
	};
	await follow(api, id, "Settled", { head: best, onState });
	const settled = await follow(api, id, "Settled");
	return { settled, outputs: await early };
}

/** Compares the worker's outputs with what the runtime's own reference gives on a CPU. */
async function checkResult(api, { settled, outputs }) {
	const roots = await evaluate(api, digits.program, digits.operands);
	const reference = digits.manifest.outputs.map(({ tensor }) => roots[tensor - digits.operands.length]);
	assert.deepEqual(reference, digits.manifest.outputs.map(({ root }) => root), "the reference gives the committed roots");
	assert.deepEqual(settled.outputRoots, reference, "the worker's roots are the reference's");
	outputs.forEach((blob, i) => digits.checkOutput(i, blob, settled.outputRoots[i]));
	return { output: settled.outputRoots[0], reference: reference[0], accuracy: digits.accuracy(outputs[0]) };
}

/** Makes up the accounts at the block in which the job was seen settled, and says what each planck of the bill was for. */
async function checkMoney(api, client, settled, bill) {
	const [before, after] = [{ number: 0, hash: api.genesisHash.toHex() }, settled.seen];
	const [start, end] = await Promise.all([snapshot(api, before), snapshot(api, after)]);
	const fees = (await reconcile(api, start, end)).fees.get(client.address);
	assertConserved(end);
	const { state } = settled;
	const [paid, burned, withheld, levy] = [state.paid, state.burned, state.withheld, state.levy].map(BigInt);
	assert.equal(paid + burned + withheld, bill.price, "provider paid + burned == price");
	assert.equal(levy, bill.levy, "the whole levy went to the audit pot");
	const spent = start.totals.get(client.address) - end.totals.get(client.address);
	const bought = purchaseBurn(bill.escrow);
	assert.equal(spent, bill.escrow + bought + SUBMISSION_FEE + fees, "client paid its bill and fees, nothing else");
	const [gone, come] = [end.burned, end.minted].map((kinds) => sum(Object.values(kinds)));
	assert.equal(start.issuance - end.issuance, gone - come, "issuance moved by what was burned and minted");
	const held = await heldOf(api, client.address);
	const rest = { Escrow: 0n, Access: 0n, Deposit: bill.deposit, Credits: 0n };
	assert.deepEqual(held, rest, "only the deposit is still held");
	const lines = [
		["price", bill.price, `${cal(paid)} to the provider, ${cal(burned + withheld)} burned`],
		["audit levy", levy, "to the pot from which auditors are paid"],
		["tip", bill.tip, "burned, for a better place in the queue"],
		["credits", bought, "burned when the credits for all this were bought"],
		["submission", SUBMISSION_FEE, "burned"],
		["transactions", fees, "half to the author of the block, half burned"],
		["spent", spent, ""],
		["deposit", bill.deposit, `held for the record, back at block ${state.keepUntil}`],
	];
	for (const [name, planck, what] of lines) say(`  ${name.padEnd(13)}${cal(planck).padStart(22)}  ${what}`.trimEnd());
	say(`accounts of ${end.totals.size} holders add up: ${cal(gone)} burned in all, ${cal(come)} minted`);
	return { levy, tip: bill.tip, purchase_burn: bought, deposit: bill.deposit, spent };
}

const api = await connect(options.chain);
const client = account("//Charlie");
const watch = new InvariantWatch(api);
watch.task.catch((error) => {
	console.error(error.message);
	process.exit(1);
});
const blobs = new BlobServer();
await blobs.start();
say(`chain at ${options.chain}, inputs at ${blobs.url}, client //Charlie`);
const ready = workerReady();
ready.then(({ adapter }) => say(`worker ready on ${adapter.name ?? adapter}`));
const posted = await post(api, client, blobs.url, ready);
const result = await watchJob(api, client, posted.id);
const { output, reference, accuracy } = await checkResult(api, result);
const money = await checkMoney(api, client, result.settled, posted);
const checked = await watch.stop();
assert.ok(checked >= result.settled.seen.number, "the invariants were checked at every block");
say(`invariants held at each of ${checked} blocks`);

const { adapter } = await ready;
const { state, price } = result.settled;
console.log(
	JSON.stringify({
		job: posted.id,
		state: state.name,
		adapter: adapter.name ?? adapter,
		accuracy: Number(accuracy.toFixed(4)),
		output_root: output,
		reference_root: reference,
		price,
		burned: state.burned,
		provider_paid: state.paid,
		...Object.fromEntries(Object.entries(money).map(([name, planck]) => [name, String(planck)])),
		seconds: Number(seconds().toFixed(1)),
	}),
);
await api.disconnect();
await blobs.stop();
