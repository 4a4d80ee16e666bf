// SPDX-License-Identifier: Apache-2.0
// Opens pages in Chromium: node pages.mjs CHROMIUM PACKAGES DIRECTORY|URL... In each of them no script runs, nothing is
// asked of anybody, nothing stands outside of its box, and axe finds nothing that keeps people out.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { unpacked } from "./npm.mjs";

const PLAYWRIGHT =
  "hqPpz7blSMPxWVdoeE1yiBSzXsKiVOd2k+kjCvmUywD2GPO2Dd9HfcWnq9NN0GHbNZDFgZ9JfBFr+X5/BLo0qw==";
const AXE =
  "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==";
// A hostile page is opened once; what else is looked at differs by width and colours.
const WINDOWS = [[360, "light"], [1000, "dark"], [1600, "light"]];

const [program, packages] = process.argv.slice(2, 4).map((path) => resolve(path));
const pages = process.argv.slice(4).flatMap((place) =>
  place.startsWith("http")
    ? [[new URL(place).pathname, place]]
    : readdirSync(place).sort().map((name) => [name, pathToFileURL(resolve(place, name)).href]),
);
const require = createRequire(import.meta.url);
const { chromium } = require(unpacked("playwright-core", "1.65.1", PLAYWRIGHT, packages));
const axe = readFileSync(join(unpacked("axe-core", "4.14.1", AXE, packages), "axe.min.js"), "utf8");

const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
const problems = [];
let opened = 0;
for (const [name, url] of pages) {
  for (const [width, colorScheme] of name.startsWith("hostile-") ? WINDOWS.slice(0, 1) : WINDOWS) {
    const said = (what) => problems.push(`${name}, ${width}, ${colorScheme}: ${what}`);
    const viewport = { width, height: 900 };
    const context = await browser.newContext({ viewport, colorScheme, bypassCSP: false });
    const page = await context.newPage();
    page.on("request", (request) => request.url() === url || said(`asks for ${request.url()}`));
    // That a page is an error is no fault of it.
    const isAnswer = (text) => text.startsWith("Failed to load resource: the server responded");
    page.on("console", (message) => isAnswer(message.text()) || said(`says ${message.text()}`));
    page.on("dialog", (dialog) => said(`a script ran: ${dialog.message()}`) && dialog.dismiss());
    page.on("pageerror", (error) => said(`a script ran: ${error.message}`));
    await page.goto(url);
    const found = await page.evaluate(() => {
      document.querySelectorAll("details").forEach((one) => (one.open = true));
      const { scrollWidth, clientWidth } = document.documentElement;
      const outside = [...document.querySelectorAll("body *")].find(
        (one) => one.getBoundingClientRect().right > clientWidth + 1,
      );
      return { wide: scrollWidth > clientWidth, outside: outside?.outerHTML.slice(0, 200) };
    });
    if (found.wide || found.outside) said(`is wider than its window: ${found.outside}`);
    if (!name.startsWith("hostile-")) {
      // By the debugger, which the page's policy does not bind.
      const { violations } = await page.evaluate(`${axe}; axe.run(document)`);
      for (const { id, help, nodes } of violations) said(`axe: ${id}: ${help}: ${nodes[0].html}`);
    }
    opened += 1;
    await context.close();
  }
}
await browser.close();
problems.slice(0, 20).forEach((problem) => console.error(problem));
console.log(`${opened} pages opened, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
