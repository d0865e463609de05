import fc from "fast-check";
import { expect, test } from "vitest";
import { KernelProfile } from "../../lib/nodes/kernel-profile";
import { settingsOf } from "../../lib/nodes/kernel-setting";
import { renderSysctlConf, sysctlConfName } from "../../lib/nodes/sysctl-conf";
import { anySettings, reversed } from "./settings";

/** As systemd-sysctl reads it: comments and empty lines out, the rest split at the first equals sign. */
function parsed(conf: string): [string, string][] {
  const lines = conf.split("\n").filter((line) => line !== "" && !/^[#;]/.test(line));
  return lines.map((line) => [line.slice(0, line.indexOf("=")).trim(), line.slice(line.indexOf("=") + 1).trim()]);
}

test("the mesh profile's file says what the reference's file says, in its order", () => {
  const reference = `fs.file-max = 2097152
net.netfilter.nf_conntrack_max = 262144
net.core.somaxconn = 32768
net.ipv4.tcp_max_syn_backlog = 16384
net.ipv4.tcp_tw_reuse = 1
net.ipv4.ip_local_port_range = 32768 60999
`;
  expect(parsed(renderSysctlConf(settingsOf(KernelProfile.mesh())))).toEqual(parsed(reference));
});

test("the file stands after Debian's link to /etc/sysctl.conf, so it wins", () => {
  expect([sysctlConfName, "99-sysctl.conf", "99-k8s-mesh.conf"].sort()).toEqual(["99-k8s-mesh.conf", "99-sysctl.conf", sysctlConfName]);
});

test("every exact setting comes back from the file as it went in, and no floor does", () => {
  fc.assert(
    fc.property(anySettings, (settings) => {
      const all = settingsOf(KernelProfile.of(settings));
      const exact = all.filter(({ mode }) => mode === "exact").map(({ key, value }): [string, string] => [key, value]);
      expect(parsed(renderSysctlConf(all))).toEqual(exact);
    }),
  );
});

test("the order of keys changes nothing", () => {
  fc.assert(
    fc.property(anySettings, (settings) => {
      const one = renderSysctlConf(settingsOf(KernelProfile.of(settings)));
      expect(renderSysctlConf(settingsOf(KernelProfile.of(reversed(settings))))).toBe(one);
    }),
  );
});
