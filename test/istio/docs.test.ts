import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { runInThisContext } from "node:vm";
import * as cdk8s from "cdk8s";
import { describe, expect, test } from "vitest";
import * as authorizationPolicy from "../../lib/istio/authorization-policy";
import * as destinationRule from "../../lib/istio/destination-rule";
import * as gateway from "../../lib/istio/gateway";
import * as peerAuthentication from "../../lib/istio/peer-authentication";
import * as release from "../../lib/istio/release";
import * as requestAuthentication from "../../lib/istio/request-authentication";
import * as serviceEntry from "../../lib/istio/service-entry";
import * as sidecar from "../../lib/istio/sidecar";
import * as telemetry from "../../lib/istio/telemetry";
import * as virtualService from "../../lib/istio/virtual-service";

const words = {
  ...cdk8s,
  ...release,
  ...authorizationPolicy,
  ...destinationRule,
  ...gateway,
  ...peerAuthentication,
  ...requestAuthentication,
  ...serviceEntry,
  ...sidecar,
  ...telemetry,
  ...virtualService,
};

/** The example of a class in a file of lib/istio, and the YAML that it is said to make. */
function example(file: string): { readonly code: string; readonly yaml: string } {
  const text = readFileSync(resolve("lib/istio", file), "utf8");
  const fence = (language: string): string =>
    (new RegExp(` \\* \`\`\`${language}\\n((?: \\*.*\\n)*?) \\* \`\`\`\\n`).exec(text)?.[1] ?? "").replaceAll(/^ \* ?/gm, "");
  return { code: fence("ts"), yaml: fence("yaml") };
}

describe("the YAML in the docstring is what the example makes", () => {
  test.each([
    "virtual-service.ts",
    "destination-rule.ts",
    "gateway.ts",
    "service-entry.ts",
    "sidecar.ts",
    "peer-authentication.ts",
    "authorization-policy.ts",
    "request-authentication.ts",
    "telemetry.ts",
  ])("%s", (file) => {
    const { code, yaml } = example(file);
    const body = code.replaceAll(/^import .*$/gm, "");
    const run = runInThisContext(`({ ${Object.keys(words).join(", ")} }) => { ${body}; return app; }`) as (
      given: typeof words,
    ) => cdk8s.App;
    expect(run(words).synthYaml()).toBe(yaml);
  });
});
