// SPDX-License-Identifier: Apache-2.0
// Packages of npm that checks use. What runs is the very package that was looked at.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Unpacks a package below a directory, where it is not there yet; its root. */
export function unpacked(name, version, sha512, place) {
  const directory = join(place, `${name}-${version}`);
  const archive = join(directory, `${name}-${version}.tgz`);
  mkdirSync(directory, { recursive: true });
  if (!existsSync(archive)) {
    execFileSync("npm", ["pack", "--silent", `${name}@${version}`], { cwd: directory, stdio: "ignore" });
  }
  const found = createHash("sha512").update(readFileSync(archive)).digest("base64");
  if (found !== sha512) {
    console.error(`${name}@${version} is not what it was`);
    process.exit(1);
  }
  execFileSync("tar", ["xzf", archive], { cwd: directory });
  return join(directory, "package");
}
