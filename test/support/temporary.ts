import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One folder for everything that a run of the tests writes. */
const root = process.env.MESHGROUND_TEST_FOLDER;

/** A new folder, which is gone when the run ends. */
export function temporaryFolder(name: string): string {
  const parent = root ?? tmpdir();
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, `meshground-${name}-`));
}

/** vitest calls this once before all tests, and what it returns once after them. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "meshground-tests-"));
  process.env.MESHGROUND_TEST_FOLDER = folder;
  // Libraries make folders of their own, cdk8s one for each app under test.
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
