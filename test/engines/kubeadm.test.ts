import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Kubeadm } from "../../lib/nodes/kubeadm";
import { kubeadmOf } from "../nodes/kubernetes";
import { appOn, artefactOf, poolOf } from "../nodes/pool";
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

  const filled = (text: string): string =>
    text
      .replaceAll("@NODE_NAME@", "oslo-1")
      .replaceAll("@TOKEN@", "abcdef.0123456789abcdef")
      .replaceAll("@CERTIFICATE_KEY@", "0123456789abcdef".repeat(4))
      .replaceAll("@CA_CERT_HASH@", `sha256:${"0123456789abcdef".repeat(4)}`);

  test.each(["init.yaml", "join.yaml"])("takes %s of oslo-production", async (file) => {
    const { artefacts } = await renderExample("oslo-production");
    const text = readFileSync(join(artefacts, "nodes/oslo/kubeadm", file), "utf8");
    expect(validate(filled(text))).toMatchObject({ status: 0, stderr: "" });
  });

  test.each([
    ["etcd's metrics for Prometheus", { role: kubeadmOf().controlPlane({ etcdMetrics: true }), file: "init.yaml" }],
    ["a disk for etcd, taints and a patched kubelet", { role: kubeadmOf().controlPlane({ etcdDisk: "/dev/nvme1n1" }), file: "init.yaml" }],
    ["a worker, an address of IPv6", { role: kubeadmOf({ api: "fd00::10" }), file: "join.yaml" }],
  ])("takes %s", (_, { role, file }) => {
    const app = appOn();
    const worker = role instanceof Kubeadm;
    const props = { taints: [{ key: "own", value: "yes", effect: "NoSchedule" }], podSysctls: { unsafe: ["net.core.somaxconn"] } } as const;
    const pool = poolOf({ kubernetes: worker ? role.worker() : role, ...(worker ? {} : props) }, app);
    expect(validate(filled(artefactOf(pool, `kubeadm/${file}`)))).toMatchObject({ status: 0, stderr: "" });
  });

  test("takes the parts for a cluster that somebody else makes", () => {
    const pool = poolOf({ distribution: "kubeadm" });
    const init = `apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n${artefactOf(pool, "kubeadm/node-registration.yaml")}`;
    expect(validate(`${init}---\n${artefactOf(pool, "kubeadm/kube-proxy.yaml")}---\n${cluster}`)).toMatchObject({ status: 0, stderr: "" });
  });

  test("refuses what it does not know, so its silence above means something", () => {
    const wrong = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nconntrack: { maxPerCor: 0 }\n";
    const { status, stderr } = validate(`${cluster}---\n${wrong}`);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('unknown field "conntrack.maxPerCor"') });
  });
});
