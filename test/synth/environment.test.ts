import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { App, Chart } from "cdk8s";
import { afterEach, describe, expect, test, vi } from "vitest";
import { MeshApp, type MeshAppProps, releasesOf, StrictMtlsNamespace, useReleases } from "../../lib/index";
import { outputFolder } from "../../lib/synth/environment";
import { temporaryFolder } from "../support/temporary";

afterEach(() => {
  vi.unstubAllEnvs();
});

const named = { istio: "1.30.3", kubernetes: "1.36" };

function synth(props: Partial<MeshAppProps> = {}): ReturnType<MeshApp["synth"]> {
  const app = new MeshApp({ ...named, outdir: join(temporaryFolder("environment"), "manifests"), ...props });
  new StrictMtlsNamespace(app, "shop", { stage: "permissive" });
  return app.synth();
}

describe("releases of the environment", () => {
  test("are in force instead of those of a MeshApp, and the report says so aloud", () => {
    vi.stubEnv("MESHGROUND_ISTIO", "1.31.0");
    const report = synth();
    expect(report).toMatchObject({ releases: { istio: { text: "1.31.0" }, kubernetes: { text: "1.36" } }, named });
    expect(`${report}`).toContain("in force: the program itself names Istio 1.30.3 on Kubernetes 1.36.");
    const findings = JSON.parse(readFileSync(join(report.artefactsFolder, "report/findings.json"), "utf8"));
    expect(findings).toMatchObject({ istio: "1.31.0", named });
  });

  test("are not spoken of where none are set", () => {
    vi.stubEnv("MESHGROUND_ISTIO", "");
    const report = synth();
    expect(report.named).toBeUndefined();
    expect(`${report}`).not.toContain("in force");
  });

  test("are in force in apps of cdk8s's own as well", () => {
    vi.stubEnv("MESHGROUND_ISTIO", "1.29");
    vi.stubEnv("MESHGROUND_KUBERNETES", "1.35");
    const app = new App();
    useReleases(app, named);
    expect(releasesOf(new Chart(app, "shop"))).toMatchObject({ istio: { text: "1.29" }, kubernetes: { text: "1.35" } });
  });

  test("are named by an error that they cause", () => {
    vi.stubEnv("MESHGROUND_ISTIO", "1.29");
    expect(() => synth()).toThrow(
      /^MESHGROUND_ISTIO and MESHGROUND_KUBERNETES: 1 invalid prop\n {2}kubernetes: got "1.36", expected 1.31 to 1.35, which Istio 1.29 supports/,
    );
  });
});

describe("the folder of a trial", () => {
  const trial = temporaryFolder("trial");

  test("takes everything that a program writes, whatever folders it names", () => {
    vi.stubEnv("MESHGROUND_TRIAL", trial);
    const outdir = join(process.cwd(), "build", "never-written");
    const report = synth({ outdir });
    expect(report).toMatchObject({
      manifestsFolder: join(trial, "build/never-written"),
      artefactsFolder: join(trial, "build/artefacts"),
    });
    expect(existsSync(join(trial, "build/never-written/shop.k8s.yaml"))).toBe(true);
    expect(existsSync(outdir)).toBe(false);
  });

  test("keeps folders apart, those outside of the working folder too", () => {
    vi.stubEnv("MESHGROUND_TRIAL", trial);
    expect(outputFolder("out/a")).toBe(join(trial, "out/a"));
    expect(outputFolder("/elsewhere/a")).toBe(join(trial, "elsewhere/a"));
    expect(outputFolder("../a")).not.toBe(outputFolder("a"));
    expect(outputFolder(join(trial, "manifests"))).toBe(join(trial, "manifests"));
  });

  test("is none where the variable is not set", () => {
    vi.stubEnv("MESHGROUND_TRIAL", undefined);
    expect(outputFolder("out/a")).toBe("out/a");
  });
});
