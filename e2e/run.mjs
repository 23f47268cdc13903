// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the end-to-end tests with node's own runner, a few chains at a time: a chain mostly waits for its next block.
 *
 * Usage: run.mjs [--long] [--suite byzantine] [NAME...]
 *
 * A name selects tests/NAME.test.mjs, or byzantine-tests/NAME.test.mjs of that suite.
 */
import { readdirSync } from "node:fs";
import { run } from "node:test";
import { spec as Spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** Chains that run at the same time. On two cores more of them would make workers miss deadlines. */
const CONCURRENCY = Number(process.env.CALOR_E2E_CONCURRENCY || 3);
/** Milliseconds that one file may take. */
const TIMEOUT = 30 * 60_000;

/** Where the tests of each suite are. */
const SUITES = { e2e: "tests/", byzantine: "byzantine-tests/" };

const { values: options, positionals: names } = parseArgs({
	allowPositionals: true,
	options: { long: { type: "boolean" }, suite: { type: "string", default: "e2e" } },
});
if (options.long) process.env.CALOR_LONG = "1";
if (!SUITES[options.suite]) {
	console.error(`no such suite: ${options.suite}; there are: ${Object.keys(SUITES).join(" ")}`);
	process.exit(2);
}
const folder = fileURLToPath(new URL(SUITES[options.suite], import.meta.url));
const all = readdirSync(folder).filter((file) => file.endsWith(".test.mjs"));
const unknown = names.filter((name) => !all.includes(`${name}.test.mjs`));
if (unknown.length) {
	console.error(`no such test: ${unknown}; there are: ${all.map((file) => file.replace(".test.mjs", "")).join(" ")}`);
	process.exit(2);
}
const files = all.filter((file) => !names.length || names.includes(file.replace(".test.mjs", "")));

run({ files: files.map((file) => folder + file), concurrency: CONCURRENCY, timeout: TIMEOUT })
	.on("test:fail", () => (process.exitCode = 1))
	.compose(new Spec())
	.pipe(process.stdout);
