import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { renderExample } from "../support/examples";
import { temporaryFolder } from "../support/temporary";
import { engines } from "./engines.mts";
import { isMissing, runEngine } from "./program";

const cluster = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.36.3\n";

describe.skipIf(isMissing(engines.kubeadm))("kubeadm config validate", () => {
  const home = temporaryFolder("kubeadm");
  const validate = (text: string): ReturnType<typeof runEngine> => {
    const file = join(home, "config.yaml");
    writeFileSync(file, text);
    return runEngine(engines.kubeadm, ["config", "validate", "--config", file], { home });
  };

  test("takes what oslo-production gives to kubeadm", async () => {
    const { artefacts } = await renderExample("oslo-production");
    const read = (file: string): string => readFileSync(join(artefacts, "nodes/oslo/kubeadm", file), "utf8");
    const init = `apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n${read("node-registration.yaml")}`;
    expect(validate(`${init}---\n${read("kube-proxy.yaml")}---\n${cluster}`)).toMatchObject({ status: 0, stderr: "" });
  });

  test("refuses what it does not know, so its silence above means something", () => {
    const wrong = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nconntrack: { maxPerCor: 0 }\n";
    const { status, stderr } = validate(`${cluster}---\n${wrong}`);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('unknown field "conntrack.maxPerCor"') });
  });
});
