import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { temporaryFolder } from "../../support/temporary";

const program = "/usr/bin/chromium";

/** Says aloud that the tests of a file are skipped where Debian's Chromium is not installed. */
export function isBrowserMissing(): boolean {
  const missing = !existsSync(program);
  if (missing) process.stderr.write(`SKIPPED: ${program} is missing. apt-get install chromium fonts-dejavu-core brings it.\n`);
  return missing;
}

/** A browser. Chromium's own sandbox refuses to run as root; what it opens here is our own page. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
}

/** A page that was opened, and everything that it should not have done. */
export interface Opened {
  readonly page: Page;
  /** Errors, warnings of the console (the policy's violations among them), and addresses that were asked for. */
  readonly faults: readonly string[];
}

/** Opens a text as a page of its own, from a file. */
export async function openPage(
  browser: Browser,
  html: string,
  { fragment = "", ...options }: BrowserContextOptions & { readonly fragment?: string } = {},
): Promise<Opened> {
  const file = join(temporaryFolder("browser"), "index.html");
  writeFileSync(file, html);
  const address = pathToFileURL(file).href;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => faults.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => faults.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => {
    if (request.url().replace(/#.*$/, "") !== address) faults.push(`request: ${request.url()}`);
  });
  await page.goto(address + fragment);
  return { page, faults };
}
