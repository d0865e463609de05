import { describe, expect, test } from "vitest";
import { catalogue } from "../../lib/istio/catalogue";
import { resolveReleases } from "../../lib/istio/release";
import { upgradeNotes } from "../../lib/istio/upgrade-notes";

const releases = (istio: string, kubernetes: string): ReturnType<typeof resolveReleases> =>
  resolveReleases("test", { istio, kubernetes, allowUnsupported: { reason: "a test" } });
const notes = (from: string, to: string, kubernetes: string, today: string = "2026-06-01"): readonly string[] =>
  upgradeNotes(releases(from, kubernetes).istio, releases(to, kubernetes), today);

describe("what the catalogue says of an upgrade", () => {
  test("is every step of a running control plane", () => {
    expect(notes("1.28", "1.31", "1.34")[0]).toMatch(/^3 minors ahead: .* one at a time, to 1\.29, then 1\.30, then 1\.31,/);
    expect(notes("1.30", "1.31", "1.34")[0]).toMatch(/^One minor ahead: 1\.30 to 1\.31\./);
    expect(notes("1.31", "1.30", "1.34")[0]).toMatch(/^From 1\.31 to 1\.30 is a step back/);
    expect(notes("1.31.0", "1.31.4", "1.34")[0]).toMatch(/^Both are Istio 1\.31/);
  });

  test("is each step that does not support the cluster's Kubernetes", () => {
    const ranges = notes("1.28", "1.30", "1.36").filter((note) => note.includes("supports Kubernetes"));
    expect(ranges).toEqual([expect.stringContaining("Istio 1.29 supports Kubernetes 1.31 to 1.35, and the cluster is 1.36")]);
  });

  test("is how long the release is supported, by the day", () => {
    expect(notes("1.29", "1.30", "1.34", "2026-11-30")).toContain(
      "Istio 1.30 is supported until about 2026-11-30. Newest patch known: 1.30.8.",
    );
    expect(notes("1.29", "1.30", "1.34", "2026-12-01")).toContain(
      "Istio 1.30 has not been supported since about 2026-11-30. Newest patch known: 1.30.8.",
    );
    expect(notes("1.30", "1.32", "1.34")).toContain("Istio 1.32 is newer than the catalogue, and rendered as 1.31.");
  });

  test("is what comes or goes between the two, once", () => {
    expect(notes("1.29", "1.30", "1.34").filter((note) => note.includes("registry.istio.io"))).toHaveLength(1);
    expect(notes("1.30", "1.31", "1.34").filter((note) => note.includes("registry.istio.io"))).toEqual([]);
    const all = catalogue.slice(1).flatMap((row, index) => notes(catalogue[index]?.minor ?? "", row.minor, "1.30").slice(2));
    const novelties = all.filter((note) => !note.startsWith("Istio "));
    expect(new Set(novelties).size).toBe(novelties.length);
  });
});
