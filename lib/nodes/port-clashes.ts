import { reservedPortsKey } from "./kernel-keys";
import type { KernelSetting } from "./kernel-setting";
import { type Listener, type Ports, taken, tryPorts } from "./ports";

/** Range of local ports where nobody set one. @see https://docs.kernel.org/networking/ip-sysctl.html */
const stockRange: Ports = { low: 32_768, high: 60_999 };

/** Listeners whose ports an outgoing connection may be given under these settings, cut to those ports. What is no range of ports is left out. */
export function portClashes(
  settings: readonly Pick<KernelSetting, "key" | "value">[],
  listeners: readonly Listener[],
): readonly Listener[] {
  const textOf = (name: string): string | undefined => settings.find(({ key }) => key === name)?.value;
  const [low, high] = textOf("net.ipv4.ip_local_port_range")?.split(" ") ?? [];
  const range = tryPorts(`${low}-${high}`) ?? stockRange;
  const reserved = (textOf(reservedPortsKey)?.split(",") ?? []).flatMap((text) => tryPorts(text.includes("-") ? text : Number(text)) ?? []);
  return taken(listeners, range, reserved);
}
