import { quoted } from "../../core/yaml-scalar";

/** What a guest is told of its network, since nobody else tells it. */
export interface GuestNetwork {
  /** Its card's address, by which cloud-init finds the card. */
  readonly mac: string;
  /** Its own address with the length of the network's prefix. */
  readonly address: string;
  readonly gateway: string;
  readonly nameservers: readonly string[];
}

/**
 * What a NoCloud seed says of the instance. Another instance-id would be a first boot again.
 *
 * @see https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html
 */
export function renderMetaData(name: string, publicKey: string): string {
  return `instance-id: ${quoted(name)}\nlocal-hostname: ${quoted(name)}\npublic-keys:\n  - ${quoted(publicKey.trim())}\n`;
}

/** The network of a guest, in version 2 of cloud-init's form. @see https://docs.cloud-init.io/en/latest/reference/network-config-format-v2.html */
export function renderNetworkConfig({ mac, address, gateway, nameservers }: GuestNetwork): string {
  return [
    "version: 2",
    "ethernets:",
    "  uplink:",
    "    match:",
    `      macaddress: ${quoted(mac)}`,
    `    addresses: [${quoted(address)}]`,
    "    routes:",
    `      - to: ${quoted(gateway.includes(":") ? "::/0" : "0.0.0.0/0")}`,
    `        via: ${quoted(gateway)}`,
    "    nameservers:",
    `      addresses: [${nameservers.map(quoted).join(", ")}]`,
    "",
  ].join("\n");
}
