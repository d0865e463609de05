import { describe, expect, test } from "vitest";
import { catalogue } from "../../lib/istio/catalogue";
import { meshground } from "./meshground";

const versions = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await meshground(["versions", ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
};

describe("the list", () => {
  test("names every release, its Kubernetes, its end, and whether it is supported that day", async () => {
    const text = await versions("--today", "2026-11-28");
    expect(
      text
        .split("\n")
        .filter((line) => /^(?:ISTIO|1\.(?:17|29|30|31))/.test(line))
        .join("\n"),
    ).toMatchInlineSnapshot(`
      "ISTIO  NEWEST PATCH  RELEASED    SUPPORTED UNTIL   KUBERNETES    2026-11-28
      1.17   1.17.8        2023-02-14  2023-10-27        1.23 to 1.26  no longer supported
      1.29   1.29.6        2026-02-10  about 2026-08-31  1.31 to 1.35  no longer supported
      1.30   1.30.8        2026-05-15  about 2026-11-30  1.32 to 1.36  supported
      1.31   1.31.4        2026-08-24  not published     1.32 to 1.36  released, no end published"
    `);
    expect(text.match(/^1\.\d+ /gm)).toHaveLength(catalogue.length);
  });

  test("says of another day what holds then", async () => {
    const line = async (today: string): Promise<string> =>
      (await versions("--today", today)).split("\n").find((row) => row.startsWith("1.30")) ?? "";
    expect(await line("2026-11-30")).toMatch(/ supported$/);
    expect(await line("2026-12-01")).toMatch(/ no longer supported$/);
    expect(await line("2026-05-14")).toMatch(/ not released yet$/);
  });

  test("is for today unless a day is named", async () => {
    expect((await versions()).split("\n")[0]).toContain(new Date().toISOString().slice(0, 10));
  });

  test("dims what is of no use, on a console with colours only", async () => {
    const { stdout } = await meshground(["versions", "--today", "2026-11-28"], { colour: true });
    expect(stdout.split("\n").filter((line) => line.startsWith("\u001b[2m"))).toHaveLength(catalogue.length - 2);
    expect(await versions()).not.toContain("\u001b");
  });

  test("is JSON for machines", async () => {
    const { today, istio } = JSON.parse(await versions("--today", "2026-11-28", "--json"));
    expect([today, istio.length]).toEqual(["2026-11-28", catalogue.length]);
    expect(istio.at(-2)).toEqual({
      minor: "1.30",
      lastPatch: "1.30.8",
      released: "2026-05-15",
      endOfLife: { date: "2026-11-30", approximate: true },
      state: "supported",
      kubernetes: expect.arrayContaining([{ minor: "1.36", endOfLife: "2027-06-28" }]),
    });
  });
});

describe("one release", () => {
  test("is shown with its features and its charts, with or without its patch", async () => {
    const text = await versions("--istio", "1.30", "--today", "2026-11-28");
    expect(text).toMatchInlineSnapshot(`
      "Istio 1.30

        newest patch known                                       1.30.8
        released                                                 2026-05-15
        supported until                                          about 2026-11-30
        on 2026-11-28                                            supported
        Kubernetes                                               1.32 (until 2026-02-28), 1.33 (until 2026-06-28), 1.34 (until 2026-10-27), 1.35 (until 2027-02-28), 1.36 (until 2027-06-28)
        apiVersion of routes and gateways                        networking.istio.io/v1
        apiVersion of policies                                   security.istio.io/v1
        apiVersion of Telemetry                                  telemetry.istio.io/v1
        images from                                              registry.istio.io/release
        sidecars may be native                                   yes
        sidecars are native by default (kubelet 1.33 and newer)  yes
        a pod chooses by annotation                              yes
        retries a 503 by default                                 no
        maxEjectionPercent holds for the first pod too           yes
        operator in the cluster                                  no
        CRD of the IstioOperator                                 no
        charts                                                   base, istiod, cni, gateway, ztunnel
        values of istiod begin with                              nothing
        value that says that the CNI plugin is there             cni.enabled
        charts take profile                                      yes
        charts take global.platform                              yes
        charts take base.validationFailurePolicy                 yes
        verified by                                              CRD bundle, charts and their values, defaults in code and minimum Kubernetes version read at tag 1.30.3; Kubernetes range and end of life from Istio's table of supported releases; newest patch from the tags of istio.io/api
      "
    `);
    expect(await versions("--istio", "1.30.3", "--today", "2026-11-28")).toBe(text);
  });

  test("is JSON for machines", async () => {
    expect(JSON.parse(await versions("--istio", "1.20", "--json"))).toMatchObject({
      minor: "1.20",
      state: "ended",
      charts: { istiodPrefix: "pilot." },
      features: { nativeSidecars: true },
    });
  });
});

test("a release and a day that are none are named together", async () => {
  const { code, stderr } = await meshground(["versions", "--istio", "1.5", "--today", "soon"]);
  expect({ code, lines: stderr.trim().split("\n") }).toEqual({
    code: 2,
    lines: [
      'meshground: --today: got "soon", expected a day such as 2026-11-27.',
      'meshground: --istio: got "1.5", expected a release from 1.17 to 1.31.',
    ],
  });
});
