import { MeshApp, TunedNodePool } from "meshground";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environments } from "../../../examples/oslo-production/environment";
import { platform } from "../../../examples/oslo-production/platform";
import { Host } from "../../../lib/hosts/host";
import { hostProfileOf } from "../../../lib/hosts/host-profile";
import { sha256 } from "../../../lib/hosts/host-program";
import type { K3sProps } from "../../../lib/nodes/k3s";
import { HostAccess } from "../../../lib/pulumi/provider/host-access";
import { KubernetesNodeOperations } from "../../../lib/pulumi/provider/kubernetes-node-operations";
import type { Properties } from "../../../lib/pulumi/provider/resource-operations";
import { checksum, k3sOf } from "../../nodes/kubernetes";
import { poolOf } from "../../nodes/pool";
import { machinesAreMissing, startMachine, type TestMachine } from "./machine.mts";

const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36", residency: ["NO"] });
platform(app, environments.production);
const pool = app.node.findAll().find((construct) => construct instanceof TunedNodePool) as TunedNodePool;
const profile = hostProfileOf(pool);
describe.skipIf(machinesAreMissing())("a machine with a kernel of its own, tuned with the reference platform's profile", () => {
  let machine: TestMachine;
  let files: string;
  let values: string;

  beforeAll(async () => {
    machine = await startMachine({ userData: "#cloud-config\n" });
    [files, values] = [await filesOf(), await valuesOf()];
  }, 480_000);
  afterAll(() => machine?.end());

  const said = async (script: string): Promise<string> => (await machine.exec(script)).stdout;
  const filesOf = (): Promise<string> =>
    said(
      "cd / && find etc usr/local var/lib/meshground -printf '%p %l %m %U %G\\n' 2>/dev/null | sort; find etc usr/local -type f -exec sha256sum {} + | sort",
    );
  const valuesOf = (): Promise<string> =>
    said(profile.settings.map(({ key }) => `cat /proc/sys/${key.replaceAll(".", "/")} 2>&1`).join("\n"));

  async function on<Result>(work: (host: Host) => Promise<Result>): Promise<Result> {
    const host = await Host.connect({ ...machine.connection, connectTimeout: "1m", commandTimeout: "5m" });
    try {
      return await work(host);
    } finally {
      await host.close();
    }
  }

  test("says what it is", { timeout: 480_000 }, async () => {
    const facts = await on((host) => host.read(profile));
    expect(facts).toMatchObject({ hostname: "machine-1", virtualization: "qemu", cores: 2, systemd: true, modules: [], files: {} });
    expect(facts.disks.map(({ name, transport }) => [name, transport])).toContainEqual(["nvme0n1", "nvme"]);
  });

  test("has every file, module and value after apply, and is not written to by another one", { timeout: 480_000 }, async () => {
    const { changed, facts } = await on((host) => host.apply(profile));
    expect([changed, facts.modules]).toEqual([true, ["nf_conntrack"]]);
    expect((await on((host) => host.apply(profile))).changed).toBe(false);
    expect(await said("systemctl is-enabled meshground-kernel-profile.service")).toBe("enabled\n");
  });

  test("has all of it after a reboot", { timeout: 480_000 }, async () => {
    await machine.reboot();
    await on((host) => host.verify(profile));
    expect(await said("systemctl is-active meshground-kernel-profile.service")).toBe("active\n");
  });

  test("is byte for byte what it was after restore, and after the next boot as well", { timeout: 480_000 }, async () => {
    expect((await on((host) => host.restore())).changed).toBe(true);
    expect(await filesOf()).toBe(files);
    await machine.reboot();
    expect([await filesOf(), await valuesOf()]).toEqual([files, values]);
  });

  describe("that is made a server of k3s, with a double in place of k3s", () => {
    const tokens = { K3S_TOKEN: "a-token-for-servers-4d1f", K3S_AGENT_TOKEN: "a-token-for-agents-9c2e" };
    const nodes = new KubernetesNodeOperations(new HostAccess(Host.connect, 1), { info: () => undefined, warn: () => undefined });
    const inputs = (different: Partial<K3sProps> = {}, etcdDisk = "/dev/nvme0n1"): Properties => {
      const k3s = k3sOf({
        checksums: { amd64: sha256(double) },
        airGap: { folder: "/srv/k3s", images: { amd64: sha256("images\n") } },
        ...different,
      });
      const bootstrap = poolOf({ kubernetes: k3s.server({ etcdDisk }) }).bootstrap({ name: "oslo-1", first: true });
      return { connection: { ...machine.connection, connectTimeout: "1m" }, bootstrap, secrets: tokens };
    };

    beforeAll(async () => {
      await said(`mkdir -p /srv/k3s
cat >/srv/k3s/k3s <<'DOUBLE'
${double}DOUBLE
echo images >/srv/k3s/k3s-airgap-images-amd64.tar.zst
printf '#!/bin/sh\\nexit 7\\n' >/usr/local/bin/curl
chmod 755 /usr/local/bin/curl`);
    });

    test("installs nothing that is not the pinned one", { timeout: 240_000 }, async () => {
      await expect(nodes.create("urn", inputs({ checksums: { amd64: checksum } }))).rejects.toThrow(
        `/srv/k3s/k3s has the SHA-256 ${sha256(double)}, and ${checksum} is pinned`,
      );
      expect(await said("ls /usr/local/bin/k3s* /etc/rancher 2>/dev/null")).toBe("");
    });

    test("makes no file system where anything is", { timeout: 240_000 }, async () => {
      await expect(nodes.create("urn", inputs({}, "/dev/vda"))).rejects.toThrow("/dev/vda holds ext4 root");
    });

    test("begins the cluster, and gives back a kubeconfig for its one address", { timeout: 240_000 }, async () => {
      const { state } = await nodes.create("urn", inputs());
      expect(state.kubeconfig).toContain("server: https://api.oslo.example.no:6443\n");
      expect(await said("systemctl is-active k3s; systemctl is-enabled k3s")).toBe("active\nenabled\n");
      expect(await said("cat /etc/rancher/k3s/config.yaml.d/80-meshground-cluster.yaml")).toContain(
        'cluster-init: true\nnode-name: "oslo-1"\n',
      );
      expect(await said("cd /etc/rancher/k3s; stat -c '%a %n' meshground-*; cat meshground-token")).toBe(
        `600 meshground-agent-token\n600 meshground-token\n${tokens.K3S_TOKEN}\n`,
      );
      expect((await nodes.read({ urn: "urn", id: await machineId(), state })).state).toMatchObject({
        bootstrap: { release: "v1.36.2+k3s1" },
      });
    });

    test("gives etcd its disk, and leaves it alone the next time", { timeout: 240_000 }, async () => {
      const folder = "/var/lib/rancher/k3s/server/db";
      expect(await said(`findmnt --noheadings --output SOURCE,FSTYPE ${folder} | tr -s ' '`)).toBe("/dev/nvme0n1 ext4\n");
      await said(`echo kept >${folder}/kept; systemctl stop k3s; umount ${folder}`);
      await nodes.create("urn", inputs());
      expect(await said(`cat ${folder}/kept; grep -c ' ${folder} ' /etc/fstab`)).toBe("kept\n1\n");
    });

    const machineId = async (): Promise<string> => (await said("cat /etc/machine-id")).trim();
  });
});

/** Says that it is k3s, and does nothing but be there. */
const double = `#!/bin/sh
case $1 in
  --version) echo 'k3s version v1.36.2+k3s1 (a double)' ;;
  server)
    mkdir -p /var/lib/rancher/k3s/server/db/etcd
    printf 'clusters:\\n- cluster:\\n    server: https://127.0.0.1:6443\\nusers: []\\n' >/etc/rancher/k3s/k3s.yaml
    systemd-notify --ready
    exec sleep infinity
    ;;
esac
`;
