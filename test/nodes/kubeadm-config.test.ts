import { expect, test } from "vitest";
import { parse } from "yaml";
import { type KubeadmNode, kubeadmFiles, kubeProxyConfiguration, renderNodeRegistration } from "../../lib/nodes/kubeadm-config";
import type { NodeConfiguration } from "../../lib/nodes/node-configuration";

const nothing: NodeConfiguration = {
  labels: { a: "b" },
  taints: [],
  keepsConntrack: false,
  allowedUnsafeSysctls: [],
  protectKernelDefaults: false,
};

const node = (configuration: Partial<NodeConfiguration> = {}, patched = false, kubernetesMinor = 36): KubeadmNode => ({
  configuration: { ...nothing, ...configuration },
  patched,
  kubernetesMinor,
});

test("a kubelet that keeps its defaults gets no patch", () => {
  expect(kubeadmFiles(nothing)).toEqual([]);
});

test("a patch has a name that kubeadm takes", () => {
  const [file] = kubeadmFiles({ ...nothing, protectKernelDefaults: true });
  expect(file?.path.split("/").at(-1)).toMatch(/^kubeletconfiguration([^.+\n]*)?(\+)(json|merge|strategic)\.(json|yaml)$/);
  expect(parse(file?.content ?? "")).toMatchObject({ kind: "KubeletConfiguration", protectKernelDefaults: true });
});

test("kube-proxy is told to keep its hands off, in two numbers", () => {
  expect(parse(kubeProxyConfiguration)).toMatchObject({ kind: "KubeProxyConfiguration", conntrack: { maxPerCore: 0, min: 0 } });
});

test("the kubelet's flags are a map up to Kubernetes 1.30 and a list from 1.31 on", () => {
  const flags = (minor: number): unknown => parse(renderNodeRegistration(node({}, false, minor))).nodeRegistration.kubeletExtraArgs;
  expect([flags(30), flags(31)]).toEqual([{ "node-labels": "a=b" }, [{ name: "node-labels", value: "a=b" }]]);
});

test("a taint without a value has none", () => {
  const registration = parse(renderNodeRegistration(node({ taints: [{ key: "a", effect: "NoSchedule" }] })));
  expect(registration.nodeRegistration.taints).toEqual([{ key: "a", effect: "NoSchedule" }]);
});

test("kubeadm is told where the patch lies, when there is one", () => {
  expect([true, false].map((patched) => parse(renderNodeRegistration(node({}, patched))).patches)).toEqual([
    { directory: "/etc/kubernetes/patches" },
    undefined,
  ]);
});
