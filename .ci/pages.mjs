// SPDX-License-Identifier: Apache-2.0
// Opens pages in Chromium: node pages.mjs CHROMIUM PACKAGES DIRECTORY|URL... In each of them no script runs, nothing is
// asked of anybody, nothing stands outside of its box, and axe finds nothing that keeps people out.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
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

// Where looks are kept, of these pages, and how far they may be from them: the mean of 255 shades.
const LOOKS = join(import.meta.dirname, "../testdata/looks");
const looks = new Set(["hooks.html", "/", "/r/me/demo", "/r/me/demo/-/1.10.0", "/r/me/demo/-diff"]);
const TOLERANCE = 20;

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
for (const [width, colorScheme] of WINDOWS) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  let [name, url] = ["", ""];
  const said = (what) => problems.push(`${name}, ${width}, ${colorScheme}: ${what}`);
  page.on("request", (request) => request.url() === url || said(`asks for ${request.url()}`));
  // That a page is an error is no fault of it.
  const isAnswer = (text) => text.startsWith("Failed to load resource: the server responded");
  page.on("console", (message) => isAnswer(message.text()) || said(`says ${message.text()}`));
  page.on("dialog", (dialog) => said(`a script ran: ${dialog.message()}`) && dialog.dismiss());
  page.on("pageerror", (error) => said(`a script ran: ${error.message}`));
  for ([name, url] of pages) {
    const isHostile = name.startsWith("hostile-");
    if (isHostile && width !== WINDOWS[0][0]) continue;
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
    if (!isHostile) {
      // By the debugger, which the page's policy does not bind.
      const { violations } = await page.evaluate(`${axe}; axe.run(document)`);
      for (const { id, help, nodes } of violations) said(`axe: ${id}: ${help}: ${nodes[0].html}`);
    }
    opened += 1;
  }
  await context.close();
}
for (const [name, url] of pages.filter(([name]) => looks.has(name))) await look(name, url);
await browser.close();
problems.slice(0, 20).forEach((problem) => console.error(problem));
console.log(`${opened} pages opened, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

// Compares a page with how it looked when a person saw it, in three widths and both colours: loosely, since
// letters differ from machine to machine. `LOOKS=bless` keeps the new looks.
async function look(name, url) {
  const file = join(LOOKS, name.replace(/[^\w.-]+/g, "_") + ".txt");
  const kept = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  const found = [];
  for (const width of [360, 1000, 1600]) {
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
      const page = await context.newPage();
      await page.goto(url);
      const shot = (await page.screenshot()).toString("base64");
      await page.goto("about:blank");
      const shades = await page.evaluate(shadesOf, shot);
      await context.close();
      const text = shades.map((shade) => shade.toString(16).padStart(2, "0")).join("");
      const old = (kept[found.length] ?? "").split(" ")[2]?.match(/../g)?.map((hex) => parseInt(hex, 16));
      found.push(`${width} ${colorScheme} ${text}`);
      const distance = old && shades.reduce((sum, shade, at) => sum + Math.abs(shade - old[at]), 0);
      if (process.env.LOOKS !== "bless" && !(distance / shades.length < TOLERANCE)) {
        problems.push(`${name}, ${width}, ${colorScheme}: looks otherwise: ${distance / shades.length}`);
      }
    }
  }
  if (process.env.LOOKS === "bless") writeFileSync(file, found.join("\n") + "\n");
}

// The shades of a picture of 12 times 16 fields, in the page.
async function shadesOf(shot) {
  const picture = new Image();
  picture.src = `data:image/png;base64,${shot}`;
  await picture.decode();
  const canvas = new OffscreenCanvas(12, 16).getContext("2d");
  canvas.imageSmoothingQuality = "high";
  canvas.drawImage(picture, 0, 0, 12, 16);
  return [...canvas.getImageData(0, 0, 12, 16).data].filter((_, at) => at % 4 === 0);
}
