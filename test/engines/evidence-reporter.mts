// Writes docs/evidence.md from what the tests of the engines have seen: `npm run evidence [-- FILE…]`. A file that did not run keeps its part.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestModule } from "vitest/node";
import { engines } from "./engines.mts";
import type { Evidence } from "./evidence.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = `${root}docs/evidence.md`;

export default class EvidenceReporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const parts = new Map([...partsOf(existsSync(page) ? readFileSync(page, "utf8") : ""), ...modules.flatMap(partOf)]);
    const sorted = [...parts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, text]) => text);
    writeFileSync(page, `${[head, ...sorted].join("\n")}`);
    process.stdout.write(`\nWritten: ${relative(process.cwd(), page)}\n`);
  }
}

const head = `# Evidence

What the library claims, and what real engines did with what it renders. The tests write this page: \`npm run engines && npm run evidence\`, as root
on Debian. Each part names its file; \`npm run evidence -- FILE\` writes that part again.

Where Envoys are sent requests, this is not a cluster: etcd, kube-apiserver, istiod, its webhooks, pilot-agent, Istio's redirection and Envoy are real, and each
pod has a network namespace of its own. But there is no kubelet, kube-proxy, network plugin or name server: a small program starts and stops pods in a
kubelet's order, by the hooks and probes that stand in the Pod, writes the EndpointSlices at once, and names are in /etc/hosts. Nothing translates
addresses. The application is ours. Envoy is Envoy's own build with one worker thread, without Istio's filters, so without Istio's metrics.
istiod is built from a commit of Istio's release branch.
`;

/** The parts of a page, by the file that wrote them. */
function partsOf(text: string): readonly (readonly [string, string])[] {
  return text
    .split(/^(?=## )/m)
    .slice(1)
    .flatMap((part) => {
      const file = /^\[`(.+?)`\]/m.exec(part)?.[1];
      return file === undefined || !existsSync(root + file) ? [] : [[file, `${part.trimEnd()}\n`] as const];
    });
}

function partOf(module: TestModule): readonly (readonly [string, string])[] {
  const file = relative(root, module.moduleId);
  const all = [...module.children.allTests()];
  const telling = all.filter((test) => test.meta().evidence !== undefined);
  if (telling.length > 0 && all.some((test) => test.result().state !== "passed")) {
    process.stderr.write(`NOT WRITTEN: ${file}: not every test of it has passed\n`);
    return [];
  }
  const seen = telling.flatMap((test): readonly Evidence[] => test.meta().evidence ?? []);
  const suite = telling[0]?.parent;
  if (suite?.type !== "suite") return [];
  const { istioctl, kubeApiserver, envoy } = engines;
  const programs = `Istio ${istioctl.version}, Envoy ${envoy.version}, kube-apiserver ${kubeApiserver.version}`;
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release().split("-")[0]}`;
  const rows = seen.map(({ claim, measured, tolerance = "exact" }) => `| ${[claim, measured, tolerance].map(cell).join(" | ")} |`);
  return [
    [
      file,
      `## ${suite.name.charAt(0).toUpperCase()}${suite.name.slice(1)}

[\`${file}\`](../${file}), ${new Date().toISOString().slice(0, 10)}, on ${machine}; ${programs}

| claim | measured | tolerance |
| --- | --- | --- |
${rows.join("\n")}
`,
    ],
  ];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
