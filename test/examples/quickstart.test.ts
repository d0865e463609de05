import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { manifestsBelow, renderExample } from "../support/examples";

const source = readFileSync(join(__dirname, "../../examples/quickstart/main.ts"), "utf8");

test("the quickstart is at most 30 lines, and what the README shows", () => {
  expect(source.trim().split("\n").length).toBeLessThanOrEqual(30);
  expect(readFileSync(join(__dirname, "../../README.md"), "utf8")).toContain(source.trim());
});

test("the quickstart makes a canary of 5 percent behind the gateway, and finds no fault in it", async () => {
  const { manifests, printed } = await renderExample("quickstart");
  const services = manifestsBelow(manifests).filter(({ kind }) => kind === "VirtualService");
  const route = [{ weight: 95 }, { weight: 5 }];
  expect(services.map(({ spec }) => spec)).toMatchObject([{ http: [{ route }] }, { http: [{ route }] }]);
  expect(printed).not.toMatch(/^ {2}(?:error|warning) /m);
});
