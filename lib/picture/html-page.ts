import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Topology } from "./topology";

/** Program and style of the page. */
interface Assets {
  readonly script: string;
  readonly style: string;
}

/**
 * The picture as one HTML page, which asks the network for nothing and runs no script but its own.
 *
 * Data stands in it as JSON in which nothing ends the element around it; the page's program shows it as text only.
 *
 * @throws Error when the page's program was not built with this package.
 */
export function pictureHtml(topology: Topology): string {
  const { head, tail } = frame();
  return `${head}${embeddedJson(topology)}${tail}`;
}

/** What ends an element or a line of a script, and what a terminal obeys or hides: JSON leaves all of it as it is. */
const unsafe = /[<>&\x7f-\x9f\u{ad}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}]/gu;

/** JSON that may stand in a script element, whatever its texts hold. */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replace(unsafe, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

interface Frame {
  /** Everything before the data. */
  readonly head: string;
  /** Everything behind it. */
  readonly tail: string;
}

let known: Frame | undefined;

/** What is the same on every page. It is read once: a synth writes one page, a test thousands. */
function frame(): Frame {
  known ??= frameOf(readAssets());
  return known;
}

/** From the sources as from what is built of them, dist is two folders up. */
function readAssets(): Assets {
  const folder = join(__dirname, "../../dist/picture");
  try {
    const [script, style] = ["page.js", "page.css"].map((name) => readFileSync(join(folder, name), "utf8").trim());
    return { script: script ?? "", style: style ?? "" };
  } catch (error) {
    throw new Error(`The program of the picture's page is missing in ${folder}. In a checkout: npm run build.`, { cause: error });
  }
}

function frameOf({ script, style }: Assets): Frame {
  const policy = [
    "default-src 'none'",
    `script-src '${hash(script)}'`,
    `style-src '${hash(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  const head = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Mesh and nodes</title>
<style>${style}</style>
</head>
<body>
<noscript><p>This page draws the mesh by a script that stands in it. Scripts are switched off here.</p></noscript>
<script type="application/json" id="topology">`;
  return { head, tail: `</script>\n<script>${script}</script>\n</body>\n</html>\n` };
}

/** As a Content-Security-Policy names what may run. */
function hash(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
