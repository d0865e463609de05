import { bootScript } from "./boot-script";
import type { KernelSetting } from "./kernel-setting";
import type { NodeFile } from "./node-file";

/** Name of the unit that raises the floors and reads everything back. */
export const bootUnitName = "meshground-kernel-profile.service";

const scriptPath = "/usr/local/lib/meshground/kernel-profile.sh";
const profilePath = "/etc/meshground/kernel-profile";

/** The profile, the script that reads it, and the unit that runs the script at each boot. */
export function bootFiles(settings: readonly KernelSetting[], hashSize: number | undefined): readonly NodeFile[] {
  return [
    { path: profilePath, content: renderBootProfile(settings, hashSize), mode: "0644" },
    { path: `/etc/systemd/system/${bootUnitName}`, content: bootUnit, mode: "0644" },
    { path: scriptPath, content: bootScript, mode: "0755" },
  ];
}

/** What the script reads: one setting a line, as data. Nothing of a profile stands in the script itself. */
export function renderBootProfile(settings: readonly KernelSetting[], hashSize: number | undefined): string {
  const hash = hashSize === undefined ? "" : `hashsize nf_conntrack ${hashSize}\n`;
  return `# mode name value; read by ${scriptPath}\n${hash}${settings.map(({ mode, key, value }) => `${mode} ${key} ${value}\n`).join("")}`;
}

/**
 * The unit. It runs once a boot, after systemd has loaded modules and set exact values, and before anything of Kubernetes starts.
 *
 * Kubernetes does not depend on it: a node that lost a setting still serves, and `systemctl --failed` shows it.
 */
const bootUnit = `[Unit]
Description=Kernel profile of the node pool: floors raised, every value read back
After=systemd-modules-load.service systemd-sysctl.service
Before=containerd.service crio.service kubelet.service k3s.service k3s-agent.service
RequiresMountsFor=${scriptPath} ${profilePath}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${scriptPath} ${profilePath}

[Install]
WantedBy=multi-user.target
`;
