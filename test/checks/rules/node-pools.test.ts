import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodePools } from "../../../lib/checks/graph/node-pools";
import { graphOf } from "../checked";
import { type Fields, found, only, pool } from "./node-yaml";

const read = (yaml: string) => {
  const [facts] = nodePools(graphOf(`apiVersion: meshground.io/v1\nkind: NodePool\nmetadata: { name: oslo }\n${yaml}`));
  if (facts === undefined) throw new Error("no NodePool");
  const { object: _, ...rest } = facts;
  return rest;
};

test("a NodePool that says everything is read in full", () => {
  expect(
    read(`
spec:
  nodes: { count: 3, cpu: 8, memory: 32Gi, country: "NO" }
  distribution: k3s
  cluster: api.oslo.example.no
  controlPlane: true
  release: v1.36.2+k3s1
  kernel:
    fs.file-max: { atLeast: 2097152 }
    net.ipv4.ip_local_port_range: "32768   60999"
    net.core.somaxconn: "32768"
    net.ipv4.tcp_ecn: { exact: 1, reason: why }
  conntrack: { hashSize: 65536 }
  reservedPorts: [10250, 30000-32767]
  nodePorts: 30000-31000
  kubelet: { maxPods: 250, allowedUnsafeSysctls: [net.core.*], protectKernelDefaults: true }
  kubeProxy: { conntrack: { maxPerCore: 0, min: 0 } }
  k3s: { disable: [traefik] }
  podSysctls: [{ name: net.core.somaxconn, value: "32768" }]
  labels: { zone: a }
  taints: [{ key: edge, effect: NoSchedule }]
`),
  ).toMatchInlineSnapshot(`
    {
      "allowedUnsafeSysctls": [
        "net.core.*",
      ],
      "cluster": "api.oslo.example.no",
      "controlPlane": true,
      "cores": 8,
      "count": 3,
      "country": "NO",
      "disabled": [
        "traefik",
      ],
      "distribution": "k3s",
      "hashSize": 65536,
      "kubeProxy": {
        "maxPerCore": 0,
        "min": 0,
      },
      "labels": {
        "meshground.io/pool": "oslo",
        "zone": "a",
      },
      "maxPods": 250,
      "memory": 34359738368,
      "name": "oslo",
      "nodePorts": "30000-31000",
      "podSysctls": [
        {
          "name": "net.core.somaxconn",
          "value": "32768",
        },
      ],
      "protectKernelDefaults": true,
      "release": "v1.36.2+k3s1",
      "settings": [
        {
          "key": "fs.file-max",
          "mode": "atLeast",
          "value": "2097152",
        },
        {
          "key": "net.core.somaxconn",
          "mode": "exact",
          "value": "32768",
        },
        {
          "key": "net.ipv4.ip_local_port_range",
          "mode": "exact",
          "value": "32768 60999",
        },
        {
          "key": "net.ipv4.tcp_ecn",
          "mode": "exact",
          "value": "1",
        },
        {
          "key": "net.ipv4.ip_local_reserved_ports",
          "mode": "exact",
          "value": "10250,30000-32767",
        },
      ],
      "taints": [
        {
          "effect": "NoSchedule",
          "key": "edge",
          "value": "",
        },
      ],
    }
  `);
});

test("a NodePool that says nothing leaves everything open", () => {
  const facts = read("spec: {}\n");
  expect(
    Object.values(facts).filter((value) => value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0)),
  ).toEqual(["oslo", ""]);
});

describe("MG0610: what cannot be read is said aloud", () => {
  const complaints = (spec: unknown): readonly string[] =>
    found([pool("oslo", spec as Fields)])
      .filter(({ code }) => code === "MG0610")
      .map(({ field, message }) => `${field}: ${message}`);

  test.each([
    [
      { nodes: { memory: 32 } },
      'spec.nodes.memory: got 32, expected an amount of memory with its unit, such as "32Gi". Did you mean "32Gi"?',
    ],
    [{ nodes: { country: false } }, 'spec.nodes.country: got false, which is what YAML makes of NO without quotes. Write "NO".'],
    [{ nodes: { cpus: 8 } }, 'spec.nodes.cpus: unknown prop. Did you mean "cpu"?'],
    [{ distribution: "k8s" }, 'spec.distribution: got "k8s", expected one of "kubeadm", "k3s". Did you mean "k3s"?'],
    [{ kernel: { "vm.swappiness": 200 } }, 'spec.kernel["vm.swappiness"]: got 200, expected whole points from 0 to 100.'],
    [{ kernel: [1] }, "spec.kernel: it is no map of kernel keys to their values."],
    [{ kubelet: { allowedUnsafeSysctls: "net.*" } }, 'spec.kubelet.allowedUnsafeSysctls: got "net.*", expected a list.'],
    [
      { taints: [{ key: "edge", effect: "Never" }] },
      'spec.taints[0].effect: got "Never", expected one of "NoSchedule", "PreferNoSchedule", "NoExecute".',
    ],
    [["oslo"], 'spec: got ["oslo"], expected an object.'],
  ])("%j", (spec, complaint) => {
    expect(complaints(spec)).toEqual([complaint]);
  });

  test("a pool that its own page describes has nothing of the kind", () => {
    const page = readFileSync(join(__dirname, "../../../docs/node-pools.md"), "utf8");
    const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const [facts] = nodePools(graphOf(yaml));
    expect(Object.entries(facts ?? {}).filter(([, value]) => value === undefined)).toEqual([]);
    expect(complaints(facts?.object.spec)).toEqual([]);
  });

  test("keys that the library does not know are another matter", () => {
    const spec = { kernel: { "net.ipv4.tcp_ecn": 1, "net.core.somaxcon": 1 } };
    expect(complaints(spec)).toEqual([]);
    expect(found([pool("oslo", spec)]).map(({ code, field, fix }) => `${code} ${field} ${fix}`)).toEqual([
      'MG0606 spec.kernel["net.ipv4.tcp_ecn"] Read it back on a node: sysctl says nothing of a key that is not there.',
      'MG0606 spec.kernel["net.core.somaxcon"] Did you mean "net.core.somaxconn"?',
    ]);
  });

  test("the reason of an unknown key is repeated", () => {
    expect(only("MG0606", [pool("oslo", { kernel: { "net.ipv4.tcp_ecn": { exact: 1, reason: "asked for by Kari" } } })]).message).toBe(
      "net.ipv4.tcp_ecn is not a key that the library knows, so nothing checks its value. Reason given: asked for by Kari",
    );
  });
});
