import type { KernelSetting } from "./kernel-setting";

/**
 * Name of the file in /etc/sysctl.d.
 *
 * systemd-sysctl takes the files of all its folders in the order of their names, and the last one wins. `99-zz-` stands after
 * `99-sysctl.conf`, Debian's link to /etc/sysctl.conf, which a name such as `99-k8s-mesh.conf` does not.
 * `sysctl --system` of procps reads /etc/sysctl.conf last whatever a file is called: the boot unit reads back and names what it lost.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/sysctl.d.html
 */
export const sysctlConfName = "99-zz-meshground.conf";

/** The content of the sysctl.d file: the exact settings. A floor cannot be said there, the file only ever sets. */
export function renderSysctlConf(settings: readonly KernelSetting[]): string {
  const lines = settings.filter(({ mode }) => mode === "exact").map(({ key, value }) => `${key} = ${value}\n`);
  return `# Exact values only. Floors are raised, and all values read back, by meshground-kernel-profile.service.\n${lines.join("")}`;
}
