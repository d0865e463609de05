import { expect, test } from "vitest";
import { parse } from "yaml";
import { k3sFiles } from "../../lib/nodes/k3s-config";
import type { NodeConfiguration } from "../../lib/nodes/node-configuration";

const nothing: NodeConfiguration = {
  labels: {},
  taints: [],
  keepsConntrack: false,
  allowedUnsafeSysctls: [],
  protectKernelDefaults: false,
};
const contentOf = (configuration: Partial<NodeConfiguration>): Record<string, unknown> =>
  parse(k3sFiles({ ...nothing, ...configuration })[0]?.content ?? "") as Record<string, unknown>;

test("kube-proxy and k3s itself leave the connection table alone", () => {
  expect(contentOf({ keepsConntrack: true })).toEqual({ "kube-proxy-arg+": ["conntrack-max-per-core=0", "conntrack-min=0"] });
});

test("a list of allowed sysctls contains the two of ServiceLB, each once", () => {
  expect(contentOf({ allowedUnsafeSysctls: ["net.core.somaxconn", "net.ipv4.ip_forward"] })).toEqual({
    "kubelet-arg+": ["allowed-unsafe-sysctls=net.core.somaxconn,net.ipv4.ip_forward,net.ipv6.conf.all.forwarding"],
  });
});

test("k3s keeps its own list where the pool has none", () => {
  expect(contentOf({ labels: { a: "b" } })).toEqual({ "node-label+": ["a=b"] });
});

test("every list adds to those of earlier files", () => {
  const all = contentOf({
    labels: { a: "b" },
    taints: [{ key: "c", effect: "NoSchedule" }],
    keepsConntrack: true,
    allowedUnsafeSysctls: ["net.core.somaxconn"],
  });
  expect(Object.keys(all).filter((key) => !key.endsWith("+"))).toEqual([]);
});
