import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { filesBelow } from "../support/examples";
import { temporaryFolder } from "../support/temporary";
import { meshground } from "./meshground";

const yaml = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: pricing, namespace: shop }
---
apiVersion: v1
kind: Secret
metadata: { name: pricing-tls, namespace: shop }
data: { tls.key: aHVudGVyMg== }
`;
const piped = (text: string) => ({ stdin: async () => Buffer.from(text), stdinIsTerminal: false });

describe("meshground import", () => {
  test("writes a program, and says what it left out", async () => {
    const output = join(temporaryFolder("import"), "program");
    const { code, stdout, stderr } = await meshground(["import", "--output", output], piped(yaml));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(filesBelow(output)).toEqual(["main.ts", "namespaces/shop.ts"]);
    expect(stdout).toContain("Secret shop/pricing-tls: a program is committed");
    expect(readFileSync(join(output, "main.ts"), "utf8")).toContain('externals: ["Secret shop/pricing-tls"]');
  });

  test("writes nothing of a Secret but its name", async () => {
    const output = join(temporaryFolder("import"), "program");
    const { stdout } = await meshground(["import", "--output", output, "--json"], piped(yaml));
    const texts = filesBelow(output).map((path) => readFileSync(join(output, path), "utf8"));
    expect([stdout, ...texts].join()).not.toMatch(/hunter|aHVudGVyMg/);
    expect(JSON.parse(stdout)).toMatchObject({
      objects: ["ServiceAccount shop/pricing"],
      leftOut: [{ object: "Secret shop/pricing-tls" }],
    });
  });

  test("overwrites nothing: it names every file that is there, and writes none", async () => {
    const output = temporaryFolder("import");
    mkdirSync(join(output, "namespaces"));
    writeFileSync(join(output, "main.ts"), "mine");
    writeFileSync(join(output, "namespaces/shop.ts"), "mine too");
    const { code, stderr } = await meshground(["import", "--output", output], piped(`${yaml}---\n${yaml.replaceAll("shop", "bank")}`));
    expect(code).toBe(2);
    expect(stderr).toMatch(/main\.ts is there already.*\n.*shop\.ts is there already/);
    expect(filesBelow(output)).toEqual(["main.ts", "namespaces/shop.ts"]);
    expect(readFileSync(join(output, "main.ts"), "utf8")).toBe("mine");
  });

  test.each([
    ["what cannot be read", "a: [", "cannot read <stdin>:1"],
    ["an object that is there twice", `${yaml}---\n${yaml}`, "ServiceAccount shop/pricing: it is in <stdin>:2 and in <stdin>:12"],
    ["a number that would lose digits", `${yaml}spec: { id: 9007199254740993 }`.replace("Secret", "Odd"), "Odd shop/pricing-tls spec.id"],
    ["nothing at all", "replicas: 1", "there is no object"],
  ])("refuses %s, and writes nothing", async (_what, text, message) => {
    const output = join(temporaryFolder("import"), "program");
    const { code, stderr } = await meshground(["import", "--output", output], piped(text));
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    expect(() => filesBelow(output)).toThrow("ENOENT");
  });

  test("never lets a name from a file reach the terminal as it is", async () => {
    const output = join(temporaryFolder("import"), "program");
    const { stdout } = await meshground(["import", "--output", output], piped(yaml.replace("pricing-tls", '"\\e[2Jtls"')));
    expect(stdout).toContain("\\x1b[2Jtls");
    expect(stdout).not.toContain("\x1b");
  });
});
