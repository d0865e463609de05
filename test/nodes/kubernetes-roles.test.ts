import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { K3s } from "../../lib/nodes/k3s";
import { Kubeadm } from "../../lib/nodes/kubeadm";
import { TunedNodePool } from "../../lib/nodes/tuned-node-pool";
import { checksum, k3sOf, kubeadmOf } from "./kubernetes";
import { appOn, artefactOf, artefactsOf, nodes, poolOf } from "./pool";

const other = checksum.replace("0", "f");
const documents = (text: string): readonly Record<string, unknown>[] => parseAllDocuments(text).map((document) => document.toJS());

describe("a cluster of k3s", () => {
  test("begins with one server, which the others join at the one address", async () => {
    const pool = poolOf({ kubernetes: k3sOf().server() });
    await expect(artefactOf(pool, "k3s/first-server.yaml")).toMatchFileSnapshot("../golden/nodes/k3s-first-server.yaml");
    const { "cluster-init": begins, ...shared } = parse(artefactOf(pool, "k3s/first-server.yaml"));
    expect(parse(artefactOf(pool, "k3s/server.yaml"))).toEqual({ server: "https://api.oslo.example.no:6443", ...shared });
    expect(begins).toBe(true);
  });

  test("gives agents a token that makes no server", () => {
    const k3s = k3sOf();
    const app = appOn();
    new TunedNodePool(app, "servers", { nodes, kubernetes: k3s.server() });
    const agents = poolOf({ kubernetes: k3s.agent() }, app);
    expect(parse(artefactOf(agents, "k3s/agent.yaml"))).toEqual({
      server: "https://api.oslo.example.no:6443",
      "token-file": "/etc/rancher/k3s/meshground-agent-token",
    });
    expect(agents.bootstrap({ name: "work-1", first: false })?.start).not.toContain("K3S_TOKEN");
  });

  test("takes Traefik out of an Istio gateway's way, and what else is asked", () => {
    const disabled = (different: object): unknown =>
      parse(artefactOf(poolOf({ kubernetes: k3sOf(different).server() }), "k3s/server.yaml")).disable;
    expect([disabled({}), disabled({ disable: [] }), disabled({ disable: ["traefik", "servicelb"] })]).toEqual([
      ["traefik"],
      undefined,
      ["servicelb", "traefik"],
    ]);
  });

  test("is fetched from GitHub, from a mirror, or not at all", () => {
    const install = (different: object): string => artefactOf(poolOf({ kubernetes: k3sOf(different).server() }), "k3s/install.sh");
    expect(install({})).toContain(
      `pinned https://github.com/k3s-io/k3s/releases/download/v1.36.2%2Bk3s1/k3s ${checksum} /usr/local/bin/k3s 0755`,
    );
    expect(install({ mirror: "https://mirror.example.no/k3s" })).toContain("pinned https://mirror.example.no/k3s/v1.36.2%2Bk3s1/k3s ");
    const gapped = install({ checksums: { arm64: checksum }, airGap: { folder: "/srv/k3s", images: { arm64: other } } });
    expect(gapped).not.toMatch(/pinned https/);
    expect(gapped).toContain(`aarch64)
    pinned /srv/k3s/k3s-airgap-images-arm64.tar.zst ${other} /var/lib/rancher/k3s/agent/images/k3s-airgap-images-arm64.tar.zst 0644
    pinned /srv/k3s/k3s-arm64 ${checksum} /usr/local/bin/k3s 0755`);
  });

  test("names every problem at once", () => {
    const wrong = {
      release: "1.36",
      checksums: { amd64: "x", riscv: "y" },
      api: "https://api",
      disable: ["traefic"],
      airGap: { folder: "srv" },
    };
    expect(() => new K3s(wrong as never)).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: K3s: 7 invalid props
        airGap.folder: got "srv", expected an absolute path of letters, digits and . _ - +.
        airGap.images: got nothing, expected an object.
        api: got "https://api", expected one name or IP address that reaches every server, without scheme and port.
        checksums.amd64: got "x", expected a SHA-256 in 64 lower-case hexadecimal digits.
        checksums.riscv: unknown prop. Known: amd64, arm64.
        disable[0]: got "traefic", expected one of "traefik", "servicelb", "local-storage", "metrics-server", "coredns". Did you mean "traefik"?
        release: got "1.36", expected a release of k3s such as v1.36.2+k3s1.]
    `);
    const both = { airGap: { folder: "/srv/k3s", images: { arm64: checksum } }, mirror: "https://mirror.example.no" };
    expect(() => k3sOf(both)).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: K3s: 2 invalid props
        airGap.images.amd64: got nothing, expected the SHA-256 of the images for amd64, whose programs are pinned.
        mirror: is given, and airGap downloads nothing. Leave out one of the two.]
    `);
    expect(() => k3sOf().server({ etcdDisk: "/dev/sd b" })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: K3s.server: 1 invalid prop
        etcdDisk: got "/dev/sd b", expected an absolute path of letters, digits and . _ - +.]
    `);
  });

  test("serve etcd's metrics when asked to", () => {
    const config = (etcdMetrics: boolean): string => artefactOf(poolOf({ kubernetes: k3sOf().server({ etcdMetrics }) }), "k3s/server.yaml");
    expect(config(true)).toContain("etcd-expose-metrics: true\n");
    expect(config(false)).not.toContain("etcd");
  });
});

describe("a cluster of kubeadm", () => {
  test("begins with all that kubeadm init wants", async () => {
    const pool = poolOf({ kubernetes: kubeadmOf().controlPlane() });
    await expect(artefactOf(pool, "kubeadm/init.yaml")).toMatchFileSnapshot("../golden/nodes/kubeadm-init.yaml");
  });

  test("is joined by the fingerprint of its authority, as control plane or as worker", () => {
    const kubeadm = kubeadmOf();
    const app = appOn();
    const control = new TunedNodePool(app, "control", { nodes, kubernetes: kubeadm.controlPlane() });
    const workers = poolOf({ kubernetes: kubeadm.worker() }, app);
    const [joining, working] = [control, workers].map((pool) => documents(artefactOf(pool, "kubeadm/join.yaml"))[0]);
    expect(joining).toMatchObject({
      controlPlane: { certificateKey: "@CERTIFICATE_KEY@" },
      discovery: { bootstrapToken: { caCertHashes: ["@CA_CERT_HASH@"] } },
    });
    expect(working).not.toHaveProperty("controlPlane");
    expect(Object.keys(artefactsOf(workers))).not.toContain("kubeadm/init.yaml");
  });

  test("says the taints of its pool, and so not kubeadm's own", () => {
    const taints = [{ key: "own", effect: "NoSchedule" }] as const;
    const registered = (more: object): unknown => {
      const pool = poolOf({ kubernetes: kubeadmOf().controlPlane(), ...more });
      return parse(artefactOf(pool, "kubeadm/init.yaml").split("---")[0] ?? "").nodeRegistration.taints;
    };
    expect([registered({}), registered({ taints })]).toEqual([[], taints]);
  });

  test("has etcd on a disk of its own, in a folder that is empty at first", () => {
    const pool = poolOf({ kubernetes: kubeadmOf().controlPlane({ etcdDisk: "/dev/nvme1n1" }) });
    expect(documents(artefactOf(pool, "kubeadm/init.yaml"))[1]).toMatchObject({ etcd: { local: { dataDir: "/var/lib/etcd/data" } } });
    expect(artefactOf(pool, "kubeadm/install.sh")).toContain("disk=/dev/nvme1n1\nfolder=/var/lib/etcd\n");
  });

  test("serves etcd's metrics when asked to, in the form of its release", () => {
    const value = "http://0.0.0.0:2381";
    const config = (minor: 26 | 36): unknown => {
      const release = `v1.${minor}.3`;
      const pool = poolOf({ kubernetes: kubeadmOf({ release }).controlPlane({ etcdMetrics: true }) }, appOn(minor));
      return documents(artefactOf(pool, "kubeadm/init.yaml"))[1];
    };
    expect(config(36)).toMatchObject({ etcd: { local: { extraArgs: [{ name: "listen-metrics-urls", value }] } } });
    expect(config(26)).toMatchObject({ etcd: { local: { extraArgs: { "listen-metrics-urls": value } } } });
  });

  test("hands images to containerd only when they are the pinned ones", () => {
    const airGap = { folder: "/srv/kubernetes", images: { amd64: other } };
    const install = artefactOf(poolOf({ kubernetes: kubeadmOf({ airGap }).controlPlane() }), "kubeadm/install.sh");
    expect(install).not.toMatch(/pinned https/);
    expect(install).toContain(`x86_64) images /srv/kubernetes/kubernetes-images-amd64.tar ${other} ;;`);
  });

  test("names every problem at once", () => {
    const wrong = {
      release: "v1.36.3+k3s1",
      checksums: { amd64: { kubeadm: checksum } },
      api: "",
      podNetwork: { cidr: "10.244", manifest: "http://x" },
    };
    expect(() => new Kubeadm(wrong as never)).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: Kubeadm: 7 invalid props
        api: got "", expected one name or IP address that reaches every server, without scheme and port.
        checksums.amd64.kubectl: got nothing, expected a SHA-256 in 64 lower-case hexadecimal digits.
        checksums.amd64.kubelet: got nothing, expected a SHA-256 in 64 lower-case hexadecimal digits.
        podNetwork.cidr: got "10.244", expected an address range such as 10.0.5.0/24.
        podNetwork.manifest: got "http://x", expected an absolute path of letters, digits and . _ - +.
        podNetwork.sha256: got nothing, expected a SHA-256 in 64 lower-case hexadecimal digits.
        release: got "v1.36.3+k3s1", expected a release of Kubernetes such as v1.36.3.]
    `);
  });
});

describe("a pool of a cluster", () => {
  test("installs its release at the first boot, and is given no secret there", () => {
    for (const kubernetes of [k3sOf().server(), kubeadmOf().controlPlane()]) {
      const pool = poolOf({ kubernetes });
      const { write_files: files, runcmd } = parse(artefactOf(pool, "cloud-init/user-data"));
      const install = files.find(({ path }: { path: string }) => path.endsWith("/install-kubernetes.sh"));
      expect(install).toMatchObject({ permissions: "0755", content: artefactOf(pool, `${kubernetes.distribution}/install.sh`) });
      expect(runcmd[0].slice(0, 2)).toEqual(["sh", "-c"]);
      expect(runcmd[0][2]).toMatch(/^\/usr\/local\/lib\/meshground\/install-kubernetes\.sh \|\| echo /);
      expect(runcmd.at(-1)).toEqual(["systemctl", "restart", "meshground-kernel-profile.service"]);
      expect(artefactOf(pool, "cloud-init/user-data")).not.toMatch(/K3S_\w*TOKEN|KUBEADM_(?:TOKEN|CERT)|@TOKEN@/);
    }
  });

  test("has an odd number of servers, on the Kubernetes of the tree", () => {
    const refused = (count: number, release: string): unknown => {
      try {
        poolOf({ nodes: { ...nodes, count }, kubernetes: k3sOf({ release }).server() });
      } catch (error) {
        return (error as Error).message.split("\n").slice(1);
      }
      return undefined;
    };
    expect([1, 3, 5, 7].map((count) => refused(count, "v1.36.2+k3s1"))).toEqual([undefined, undefined, undefined, undefined]);
    expect([refused(4, "v1.35.9+k3s1"), refused(9, "v1.36.2+k3s1")]).toMatchInlineSnapshot(`
      [
        [
          "  kubernetes.release: got "v1.35.9+k3s1", expected a release of Kubernetes 1.36, for which the tree is rendered.",
          "  nodes.count: got 4, expected an odd number of servers. etcd needs more than half of its members: one more adds nothing but a way to fail.",
        ],
        [
          "  nodes.count: got 9, expected at most 7 servers: each write to etcd waits for most of them.",
        ],
      ]
    `);
  });

  test("agrees with the patch of Kubernetes where the tree names one", () => {
    const named = appOn();
    expect(() => poolOf({ kubernetes: kubeadmOf({ release: "v1.36.10" }).controlPlane() }, named)).not.toThrow();
    expect(() => poolOf({ kubernetes: kubeadmOf({ release: "v1.3.6" }).controlPlane() }, appOn())).toThrow("kubernetes.release");
  });

  test("is made by somebody else or by this library, not by both and not by nobody", () => {
    const message = (props: object): unknown => {
      try {
        new TunedNodePool(appOn(), "oslo", { nodes, ...props } as never);
      } catch (error) {
        return (error as Error).message.split("\n").slice(1).join("");
      }
      return undefined;
    };
    expect([
      message({}),
      message({ distribution: "k3s", kubernetes: k3sOf().server() }),
      message({ kubernetes: "k3s" }),
    ]).toMatchInlineSnapshot(`
      [
        "  distribution: got nothing, expected "kubeadm" or "k3s" where somebody else makes the cluster; else give kubernetes.",
        "  distribution: is given, and kubernetes says it already. Leave out one of the two.",
        "  kubernetes: got "k3s", expected what a cluster makes of its machines, such as k3s.server() or kubeadm.worker().",
      ]
    `);
  });

  test("belongs to a cluster with exactly one pool of servers", () => {
    const k3s = k3sOf();
    const validate = (...pools: readonly (() => ReturnType<K3s["server"]>)[]): readonly string[] => {
      const app = appOn();
      return pools
        .map((role, index) => new TunedNodePool(app, `pool-${index}`, { nodes, kubernetes: role() }))
        .flatMap((pool) => pool.node.validate());
    };
    expect(
      validate(
        () => k3s.server(),
        () => k3s.agent(),
        () => k3s.agent(),
      ),
    ).toEqual([]);
    expect(validate(() => k3s.agent())).toMatchInlineSnapshot(`
      [
        "kubernetes: no pool of the tree has the servers of this cluster. One has to: server() or controlPlane().",
      ]
    `);
    expect(
      validate(
        () => k3s.server(),
        () => k3s.server(),
      ),
    ).toMatchInlineSnapshot(`
      [
        "kubernetes: pool-0 has the servers of this cluster already. Give that pool more machines, and make this one join it.",
      ]
    `);
    expect(
      validate(
        () => k3s.server(),
        () => k3sOf().server(),
      ),
    ).toEqual([]);
  });

  test("is measured for etcd only where etcd runs", () => {
    const k3s = k3sOf();
    const app = appOn();
    const servers = new TunedNodePool(app, "servers", { nodes, kubernetes: k3s.server(), qualify: {} });
    const agents = poolOf({ kubernetes: k3s.agent(), qualify: {} }, app);
    expect([servers, agents, poolOf({ qualify: {} })].map(({ requirements }) => requirements?.fsyncP99BelowMs)).toEqual([
      10,
      undefined,
      10,
    ]);
  });
});
