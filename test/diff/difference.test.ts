import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { difference, isEmpty } from "../../lib/diff/difference";
import { jsonDifference } from "../../lib/diff/report/json-difference";
import { markdownDifference } from "../../lib/diff/report/markdown-difference";
import { textDifference } from "../../lib/diff/report/text-difference";
import { changed, objects, output } from "./outputs";

const map = (name: string, data: object, namespace = "shop"): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace },
  data,
});
const yaml = (...all: readonly object[]): string => all.map((object) => JSON.stringify(object)).join("\n---\n");

describe("two outputs", () => {
  const some = fc.uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z]{1,3}$/), data: fc.dictionary(fc.string(), fc.string()) }), {
    selector: ({ name }) => name,
    maxLength: 8,
  });

  test("are the same whatever the order of objects, and whatever file they are in", () => {
    fc.assert(
      fc.property(some, fc.integer({ min: 0, max: 8 }), (all, cutAt) => {
        const items = all.map(({ name, data }) => map(name, data));
        const before = output({ "all.yaml": yaml(...items) });
        const after = output({ "b.yaml": yaml(...items.slice(cutAt).reverse()), "a.yaml": yaml(...items.slice(0, cutAt)) });
        expect(isEmpty(difference(before, after))).toBe(true);
      }),
    );
  });

  test("give the same report whatever the order of objects", () => {
    fc.assert(
      fc.property(some, some, (left, right) => {
        const [before, after] = [left, right].map((all) => all.map(({ name, data }) => map(name, data)));
        const report = difference(objects(...(before ?? [])), objects(...(after ?? [])));
        const reversed = difference(objects(...(before ?? []).reverse()), objects(...(after ?? []).reverse()));
        expect(textDifference(reversed, false)).toBe(textDifference(report, false));
      }),
    );
  });

  test("of two environments in one folder are compared file by file", () => {
    const files = (staging: string, production: string): ReturnType<typeof output> =>
      output({ "staging.yaml": yaml(map("a", { x: staging })), "production.yaml": yaml(map("a", { x: production })) });
    const { objects: found } = difference(files("1", "2"), files("1", "3"));
    expect(found).toMatchObject([{ change: "changed", fields: [{ before: "2", after: "3" }] }]);
  });

  test("take lists of Kubernetes apart", () => {
    const list = { apiVersion: "v1", kind: "List", items: [map("b", {}), map("a", {})] };
    expect(isEmpty(difference(objects(list), objects(map("a", {}), map("b", {}))))).toBe(true);
  });
});

describe("files without objects", () => {
  test("are compared by field, kernel key or line, each as it is", () => {
    const before = output({
      "values.yaml": "pilot: { cpu: 1 }\n",
      "etc/sysctl.d/99-a.conf": "# first\nnet.core.somaxconn = 4096\nvm.swappiness=0\n",
      "install.sh": "one\ntwo\nthree\n",
      "user-data": "#cloud-config\nwrite_files:\n  - { path: /b, content: x }\n  - { path: /a, content: one }\n",
      "gone.txt": "",
    });
    const after = output({
      "values.yaml": "pilot: { cpu: 2 }\n",
      "etc/sysctl.d/99-a.conf": "vm/swappiness = 0\n\nnet.core.somaxconn=32768\n",
      "install.sh": "one\n2\nthree\n",
      "user-data": "#cloud-config\nwrite_files:\n  - { path: /b, content: x }\n  - { path: /a, content: two }\n",
    });
    expect(textDifference(difference(before, after), false)).toMatchInlineSnapshot(`
      "changed etc/sysctl.d/99-a.conf
          ~ net.core.somaxconn: 4096 -> 32768

      removed gone.txt

      changed install.sh
          - two
          + 2

      changed user-data
          ~ write_files[path=/a].content: one -> two

      changed values.yaml
          ~ pilot.cpu: 1 -> 2

      5 files differ: 1 removed, 4 changed.
      "
    `);
  });

  test("that are no text are compared as a whole", () => {
    const bytes = (byte: number): Parameters<typeof output>[0] => ({ logo: String.fromCharCode(0, byte) });
    expect(textDifference(difference(output(bytes(1)), output(bytes(2))), false)).toContain("its bytes are others");
  });

  test("of a synth's report are its findings, and not the checksums of the others", () => {
    const finding = { code: "MG0601", severity: "note", path: "oslo", message: "m.", fix: "f." };
    const files = (findings: readonly object[], sum: string): ReturnType<typeof output> =>
      output({ "artefacts/report/findings.json": JSON.stringify({ findings }), "artefacts/report/files.json": JSON.stringify({ sum }) });
    const found = difference(files([finding], "1"), files([{ ...finding, code: "MG0602" }], "2"));
    expect(found).toMatchObject({ objects: [], files: [], findings: { appeared: [{ code: "MG0602" }], gone: [{ code: "MG0601" }] } });
  });
});

describe("secrets", () => {
  const every = (before: object, after: object): string => {
    const found = changed(before, after);
    return [textDifference(found, false), jsonDifference(found), markdownDifference(found)].join("\n");
  };
  const secret = (data: object, annotations: object = {}): object => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "db", namespace: "shop", annotations },
    data,
  });

  test("of a Secret are said to have changed, and shown nowhere", () => {
    const before = secret({ password: "b25l", gone: "dHdv" }, { "kubectl.kubernetes.io/last-applied-configuration": '{"data":"b25l"}' });
    const after = secret({ password: "dGhyZWU=", fresh: "Zm91cg==" });
    const report = every(before, after);
    expect(report).toContain("~ data.password: changed (not shown)");
    expect(report).not.toMatch(/b25l|dHdv|dGhyZWU|Zm91cg/);
  });

  test("are no booleans: what is named like one is a setting", () => {
    const report = every(map("a", { automountServiceAccountToken: true }), map("a", { automountServiceAccountToken: false }));
    expect(report).toContain("~ data.automountServiceAccountToken: true -> false");
  });

  test("of a Secret whose whole data is new are not shown either", () => {
    const { data: _, ...empty } = secret({}) as { data: unknown };
    expect(every(empty, secret({ password: "b25l" }))).not.toContain("b25l");
  });

  test.each([
    [{ env: [{ name: "DB_PASSWORD", value: "hunter2" }] }, { env: [{ name: "DB_PASSWORD", value: "hunter3" }] }],
    [{ env: [] }, { env: [{ name: "DB_PASSWORD", value: "hunter2" }] }],
    [{ apiToken: "hunter2" }, { apiToken: "hunter3" }],
    [{ args: ["--token=hunter2"] }, { args: ["--token=hunter3"] }],
    [{ text: "a\npassword: hunter2\n" }, { text: "b\npassword: hunter3\n" }],
    [{ url: "https://me:hunter2@example.no" }, { url: "https://me:hunter3@example.no" }],
    [{ key: "-----BEGIN PRIVATE KEY-----\nhunter2" }, { key: "-----BEGIN PRIVATE KEY-----\nhunter3" }],
    [{ tokens: [] }, { tokens: [{ token: ["hunter2"] }] }],
  ])("that stand elsewhere are not shown: %j", (before, after) => {
    expect(every(map("a", before), map("a", after))).not.toContain("hunter");
  });
});

describe("a report", () => {
  const hostile = "\u001b[31m`](http://x)<script>\n# x";

  test("obeys nothing that an object says", () => {
    const found = changed(map("a", {}), map("a", { [hostile]: hostile }));
    expect(textDifference(found, false)).not.toContain("\u001b");
    expect(jsonDifference(found)).not.toContain("\u001b");
  });

  test("in Markdown keeps what objects say within code", () => {
    const ticks = "```\n````\n<script>";
    const found = changed(map("a", { x: "1" }), map("a", { x: ticks }));
    const [before = "", fenced = ""] = /^([\s\S]*?)^`{5}diff\n([\s\S]*?)^`{5}$/m.exec(markdownDifference(found))?.slice(1) ?? [];
    expect(fenced).toContain("<script>");
    expect(before).not.toContain("<script>");
  });

  test("in Markdown is short enough for a comment", () => {
    const all = (value: string): readonly object[] => Array.from({ length: 3000 }, (_, index) => map(`a${index}`, { value }));
    const report = markdownDifference(difference(objects(...all("1")), objects(...all("2"))));
    expect(report.length).toBeLessThan(65_536);
    expect(report).toMatch(/… and \d+ more/);
  });

  test("shows colours only where it is asked to", () => {
    const found = changed(map("a", { x: "1" }), map("a", { x: "2" }));
    expect(textDifference(found, true)).toContain("\u001b[");
    expect(textDifference(found, false)).not.toContain("\u001b[");
  });

  test("says of several lines only those that differ", () => {
    const text = (middle: string): object => ({ text: `one\n${middle}\nthree\n` });
    expect(textDifference(changed(map("a", text("two")), map("a", text("2"))), false)).toMatchInlineSnapshot(`
      "changed ConfigMap shop/a
          ~ data.text:
          -   two
          +   2

      1 object differs: 1 changed.
      "
    `);
  });
});
