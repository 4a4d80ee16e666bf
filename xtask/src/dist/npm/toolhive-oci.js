#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Starts the program of this system, which npm installed as an optional dependency.
"use strict";
const { spawnSync } = require("node:child_process");

const name = `@toolhive-oci/${process.platform}-${process.arch}`;
const program = process.platform === "win32" ? "toolhive-oci.exe" : "toolhive-oci";
let path;
try {
  path = require.resolve(`${name}/bin/${program}`);
} catch {
  console.error(
    `toolhive-oci: the package ${name} is not installed. Either there is none for this system, or ` +
      "optional dependencies were left out (npm install --include=optional).",
  );
  process.exit(1);
}
// A signal of the terminal reaches both: the program ends in its own way, and this one after it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
const { error, status, signal } = spawnSync(path, process.argv.slice(2), { stdio: "inherit" });
if (error) {
  console.error(`toolhive-oci: cannot start ${path}: ${error.message}`);
  process.exit(1);
}
if (signal) {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
process.exit(status ?? 1);
