import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../../lib/hosts/host-program";
import { scriptProgram } from "../../../lib/hosts/root-shell";
import type { NodeRole } from "../../../lib/nodes/node-role";
import { k3sOf, kubeadmOf } from "../../nodes/kubernetes";
import { appOn, poolOf } from "../../nodes/pool";
import { temporaryFolder } from "../../support/temporary";
import { engines } from "../engines.mts";
import { isMissing, runEngine } from "../program";
import { hostsAreMissing, startContainers, type TestHost, type TestHosts } from "./containers.mts";

const manifest = "kind: List\n";
const kubeadm = kubeadmOf({ podNetwork: { cidr: "10.244.0.0/16", manifest: "/srv/pod-network.yaml", sha256: sha256(manifest) } });
const secrets = {
  KUBEADM_TOKEN: "abcdef.0123456789abcdef",
  KUBEADM_CERTIFICATE_KEY: "0123456789abcdef".repeat(4),
  KUBEADM_CA_CERT_HASH: `sha256:${"0123456789abcdef".repeat(4)}`,
  K3S_TOKEN: "servers-7d2c",
  K3S_AGENT_TOKEN: "agents-1f9a",
};

/** Doubles: they say what they were called with, and keep the configuration that kubeadm is given. */
const doubles = `cd /usr/local/bin
for name in kubeadm kubectl k3s systemctl; do
  cat >$name <<'DOUBLE'
#!/bin/sh
echo "\${0##*/} $*" >>/root/calls
case "\${0##*/} $1" in
  "kubeadm init" | "kubeadm join") for file; do :; done; cp "$file" /root/given.yaml; : >/etc/kubernetes/kubelet.conf; exit "$(cat /root/exit 2>/dev/null || echo 0)" ;;
esac
DOUBLE
done
printf '#!/bin/sh\\nexit 7\\n' >curl
chmod 755 *
mkdir -p /etc/kubernetes/manifests /srv
printf '${manifest.replace("\n", "\\n")}' >/srv/pod-network.yaml
`;

describe.skipIf(hostsAreMissing())("the script that makes a machine a node, on a real host with doubles in place of Kubernetes", () => {
  let machines: TestHosts;
  let host: TestHost;
  beforeAll(async () => {
    machines = await startContainers(1);
    host = machines.hosts[0] as TestHost;
    expect(await host.exec(doubles)).toMatchObject({ exitCode: 0 });
  });
  afterAll(() => machines?.end());

  const start = async (kubernetes: NodeRole, first: boolean, more: Readonly<Record<string, string>> = {}) => {
    const bootstrap = poolOf({ kubernetes, taints: [] }, appOn()).bootstrap({ name: "oslo-1", first });
    const lines = Object.entries({ ...secrets, ...more }).map(([name, value]) => `${name}=${value}\n`);
    return host.exec(
      `PATH=/usr/local/bin:$PATH\nexport PATH\nrm -f /root/calls\n(${scriptProgram(bootstrap?.start ?? "", lines.join(""))})`,
    );
  };
  const text = async (path: string): Promise<string> => (await host.exec(`cat ${path}`)).stdout;
  const fresh = () => host.exec("rm -rf /etc/kubernetes/*.conf /etc/kubernetes/meshground-*");
  const judge = (config: string) => {
    const home = temporaryFolder("kubeadm");
    writeFileSync(join(home, "given.yaml"), config);
    return runEngine(engines.kubeadm, ["config", "validate", "--config", join(home, "given.yaml")], { home });
  };

  test.skipIf(isMissing(engines.kubeadm)).each([
    ["begins a cluster", kubeadm.controlPlane(), true],
    ["joins as a control plane", kubeadm.controlPlane(), false],
    ["joins as a worker", kubeadm.worker(), false],
  ])("%s with a configuration that kubeadm takes, at the machine's own address or without one", async (_, role, first) => {
    for (const address of ["", host.address]) {
      await fresh();
      expect(await start(role, first, { NODE_ADDRESS: address })).toMatchObject({ exitCode: 0, stderr: "" });
      const given = await text("/root/given.yaml");
      expect(judge(given)).toMatchObject({ status: 0, stderr: "" });
      expect(given.includes(host.address)).toBe(address !== "");
      expect(given).toContain(secrets.KUBEADM_TOKEN);
      expect((await host.exec("ls /etc/kubernetes/meshground-kubeadm.yaml")).exitCode).not.toBe(0);
    }
  });

  test("gives nobody's process list a token", async () => {
    await fresh();
    await start(kubeadm.controlPlane(), true);
    expect(await text("/root/calls")).toContain("kubeadm init --upload-certs --config /etc/kubernetes/meshground-kubeadm.yaml\n");
    for (const secret of Object.values(secrets)) expect(await text("/root/calls")).not.toContain(secret);
  });

  test("upgrades a node that is one, and only to another release", async () => {
    const serves = (release: string) =>
      host.exec(
        `printf '    image: registry.k8s.io/kube-apiserver:${release}\\n' >/etc/kubernetes/manifests/kube-apiserver.yaml; printf '    server: https://api.oslo.example.no:6443\\n' >/etc/kubernetes/admin.conf`,
      );
    await serves("v1.36.3");
    expect(await start(kubeadm.controlPlane(), true)).toMatchObject({ exitCode: 0 });
    expect(await text("/root/calls")).not.toContain("kubeadm");
    await serves("v1.35.9");
    await start(kubeadm.controlPlane(), true);
    expect(await text("/root/calls")).toContain("kubeadm upgrade apply --yes v1.36.3\n");
    await start(kubeadmOf({ api: "other.example.no" }).controlPlane(), true).then(({ exitCode, stderr }) =>
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining("The cluster has another address than other.example.no:6443")]),
    );
  });

  test("does not take what kubeadm did not finish for a node", async () => {
    await fresh();
    await host.exec("echo 1 >/root/exit");
    expect(await start(kubeadm.controlPlane(), false)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("kubeadm reset --force"),
    });
    await host.exec("rm /root/exit");
    expect(await start(kubeadm.controlPlane(), false)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("did not come to its end"),
    });
  });

  test("begins no second cluster where one answers", async () => {
    await fresh();
    await host.exec("printf '#!/bin/sh\\nexit 0\\n' >/usr/local/bin/curl; rm -rf /var/lib/rancher");
    expect(await start(kubeadm.controlPlane(), true)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("would split it") });
    expect(await start(k3sOf().server(), true)).toMatchObject({ exitCode: 0 });
    expect(await text("/etc/rancher/k3s/config.yaml.d/80-meshground-cluster.yaml")).toContain("server: ");
    await host.exec("mkdir -p /var/lib/rancher/k3s/server/db/etcd");
    await start(k3sOf().server(), true);
    expect(await text("/etc/rancher/k3s/config.yaml.d/80-meshground-cluster.yaml")).not.toContain("cluster-init");
    await host.exec("printf '#!/bin/sh\\nexit 7\\n' >/usr/local/bin/curl");
  });

  test("tells k3s the address and its device, where there is one of its own", async () => {
    const file = "/etc/rancher/k3s/config.yaml.d/85-meshground-address.yaml";
    expect(await start(k3sOf().agent(), false, { NODE_ADDRESS: host.address })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await text(file)).toBe(`node-ip: "${host.address}"\nflannel-iface: "eth0"\n`);
    await start(k3sOf().agent(), false);
    expect((await host.exec(`ls ${file}`)).exitCode).not.toBe(0);
    expect(await start(k3sOf().agent(), false, { NODE_ADDRESS: "192.0.2.1" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("No network device of this machine has the address 192.0.2.1"),
    });
  });
});
