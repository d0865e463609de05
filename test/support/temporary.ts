import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
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
  removeLeftovers();
  const folder = mkdtempSync(join(tmpdir(), `meshground-tests-${process.pid}-`));
  process.env.MESHGROUND_TEST_FOLDER = folder;
  // Libraries make folders of their own, cdk8s one for each app under test.
  process.env.TMPDIR = folder;
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  return remove;
}

/** Removes the folders of runs that were killed: a killed process cleans up nothing. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = /^meshground-tests-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
