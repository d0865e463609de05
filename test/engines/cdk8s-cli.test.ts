import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { filesBelow, manifestsBelow, renderExample } from "../support/examples";
import { temporaryFolder } from "../support/temporary";
import { buildPackage, packageRoot } from "./built-package";
import { engines } from "./engines.mts";
import { isMissing, runEngine } from "./program";

describe.skipIf(isMissing(engines.cdk8s))("cdk8s synth", () => {
  test("runs the same program, and finds only manifests in its output folder", async () => {
    buildPackage();
    const home = temporaryFolder("cdk8s");
    execFileSync(process.execPath, [
      join(packageRoot, "node_modules/typescript/bin/tsc"),
      "-p",
      join(packageRoot, "tsconfig.examples.json"),
    ]);
    const program = join(packageRoot, "build/examples/quickstart/main.js");
    writeFileSync(join(home, "cdk8s.yaml"), `language: typescript\napp: ${process.execPath} ${program}\noutput: out\n`);
    const { status, stderr } = runEngine(engines.cdk8s, ["synth", "--check-upgrade=false"], { home, cwd: home });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const { manifests } = await renderExample("quickstart");
    expect(filesBelow(join(home, "out"))).toEqual(filesBelow(manifests));
    expect(manifestsBelow(join(home, "out"))).toEqual(manifestsBelow(manifests));
    expect(filesBelow(join(home, "artefacts"))).toContain("nodes/oslo/cloud-init/user-data");
  });
});
