// Builds the program and the style of the picture's page. Both stand in every page, so they are one file each.
const { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { buildSync } = require("esbuild");

const root = join(__dirname, "..");
const sources = join(root, "lib/picture/page");

/** What is bundled with it, and has to be named with its licence. */
const bundled = ["@dagrejs/dagre", "@dagrejs/graphlib"];

function notice(name) {
  const folder = join(root, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}`;
}

/** Notices as one comment. */
function banner() {
  const text = bundled.map(notice).join("\n\n");
  if (text.includes("*/")) throw new Error("a licence would end the comment that it stands in");
  return `/*!\n${text}\n*/`;
}

const options = { bundle: true, minify: true, write: false, charset: "utf8", target: ["es2022", "chrome105", "firefox110", "safari16"] };

function built(entry, more = {}) {
  const [file] = buildSync({ ...options, ...more, entryPoints: [join(sources, entry)] }).outputFiles;
  // Whatever ended the element around it would turn the rest of the page into markup.
  if (/<\/(?:script|style)|<!--/i.test(file.text)) throw new Error(`${entry}: what is built of it would end its element`);
  return file.text;
}

/** Writes picture/page.js and picture/page.css below a folder. */
function buildPage(dist) {
  const folder = join(dist, "picture");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "page.js"), built("main.ts", { format: "iife", legalComments: "none", banner: { js: banner() } }));
  writeFileSync(join(folder, "page.css"), built("page.css"));
}

const age = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

/** Builds it where it is missing or older than a source. */
function ensurePage(dist = join(root, "dist")) {
  const from = readdirSync(sources, { recursive: true }).map((name) => join(sources, name));
  const newest = Math.max(...[...from, __filename].map(age));
  const made = ["page.js", "page.css"].map((name) => join(dist, "picture", name));
  if (Math.min(...made.map(age)) < newest) buildPage(dist);
}

module.exports = { buildPage, ensurePage };
