import { createRequire } from "node:module";
import type { Problem } from "../core/problem";

const load = createRequire(__filename);

/** A package that users bring along when they use what needs it. @throws Error when it is not there. */
export function loadPeer<Module>(name: string): Module {
  return load(name) as Module;
}

/** What is wrong when a package that something needs is not installed. */
export function peerProblems(path: string, name: string, what: string): readonly Problem[] {
  try {
    load.resolve(name);
    return [];
  } catch {
    return [{ path, message: `${what} the package ${name}, which is not installed beside meshground. Install it: npm install ${name}.` }];
  }
}
