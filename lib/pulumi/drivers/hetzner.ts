import type * as hcloud from "@pulumi/hcloud";
import type { Output, Resource } from "@pulumi/pulumi";
import { anything, bool, type Check, line, listOf, matching, oneOf, optional, port, shape, when } from "../../core/check";
import { cidr } from "../../core/cidr";
import { type Problem, problem } from "../../core/problem";
import type { DriverOptions, Machine, MachineDriver, MachineMaker, MachineOrder, MachinePool } from "../machine-driver";
import { numberedNames } from "../machine-driver";
import { loadPeer, peerProblems } from "../peer";
import { isLater } from "./connection-problems";
import type { HetznerPort, HetznerProps } from "./hetzner-props";
import { publicKeyText } from "./public-key";

const hcloudPackage = "@pulumi/hcloud";

type Hcloud = typeof hcloud;

/** Where Hetzner's locations are, and which network they can be in. @see https://docs.hetzner.com/cloud/general/locations/ */
const locations: Readonly<Record<HetznerProps["location"], { readonly country: string; readonly zone: string }>> = {
  fsn1: { country: "DE", zone: "eu-central" },
  nbg1: { country: "DE", zone: "eu-central" },
  hel1: { country: "FI", zone: "eu-central" },
  ash: { country: "US", zone: "us-east" },
  hil: { country: "US", zone: "us-west" },
  sin: { country: "SG", zone: "ap-southeast" },
};

/**
 * Machines of Hetzner Cloud: servers spread over different hosts, in a private network, behind a firewall that lets in nobody but who
 * is named, each with a host key that is pinned before it first answers.
 *
 * Nodes of a cluster speak to each other in the private network, which the firewall does not look at. So `api` of `K3s` or `Kubeadm` has to lead to addresses in it,
 * by a load balancer of Hetzner's in that network for example, and whoever runs Pulumi's upper stages has to reach it.
 *
 * The host's private key travels in the user data, which Hetzner keeps and any process on the machine can read at 169.254.169.254: keep
 * pods from that address. A changed profile reaches servers that exist over SSH, so changed user data never replaces one. Use one driver
 * for all pools of a stack: it makes one network. The token is Pulumi's configuration `hcloud:token`.
 *
 * @example
 * ```ts
 * import { hetzner } from "meshground/pulumi";
 *
 * const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";
 * const driver = hetzner({ serverType: "ccx33", location: "hel1", publicKey, adminFrom: ["203.0.113.7/32"] });
 * export const machines = { helsinki: driver };
 * ```
 */
export function hetzner(props: HetznerProps): MachineDriver {
  const shared = new WeakMap<Resource, SharedParts>();
  return {
    makesMachines: true,
    names: numberedNames,
    problems: (pool) => {
      const problems = propsForm("", props);
      return problems.length > 0 ? problems : [...peerProblems("", hcloudPackage, "hetzner needs"), ...countryProblems(props, pool)];
    },
    begin: (pool, options) => {
      const sdk = loadPeer<Hcloud>(hcloudPackage);
      const parts = shared.get(options.parent) ?? sharedParts(sdk, props, { pool, options });
      shared.set(options.parent, parts);
      return serverMaker(sdk, props, { pool, options, parts });
    },
  };
}

const sources: Check = listOf(cidr, { min: 1 });

const propsForm: Check = shape<HetznerProps>({
  serverType: matching(/^[a-z0-9-]+$/, "a type of server such as ccx33", 63),
  location: oneOf(...Object.keys(locations)),
  image: optional(line),
  publicKey: when(isLater, anything, publicKeyText),
  login: optional(
    shape<NonNullable<HetznerProps["login"]>>({
      privateKey: anything,
      privateKeyFile: anything,
      passphrase: anything,
      agent: anything,
      jump: anything,
    }),
  ),
  adminFrom: sources,
  open: optional(listOf(shape<HetznerPort>({ port, protocol: optional(oneOf("tcp", "udp")), from: optional(sources) }))),
  networkRange: optional(cidr),
  protect: optional(bool),
});

/** A pool says where its data lies, and the location decides it. */
function countryProblems({ location }: HetznerProps, { name, nodes }: MachinePool): readonly Problem[] {
  const { country } = locations[location];
  return country === nodes.country
    ? []
    : [problem("location", location, `a location in ${nodes.country}, where the pool ${name} stands`, `${location} is in ${country}.`)];
}

/** What all servers of a stack share. */
interface SharedParts {
  readonly key: hcloud.SshKey;
  readonly network: hcloud.Network;
  readonly subnet: hcloud.NetworkSubnet;
  readonly firewall: hcloud.Firewall;
}

interface PoolParts {
  readonly pool: MachinePool;
  readonly options: DriverOptions;
}

function sharedParts(sdk: Hcloud, props: HetznerProps, { pool: { stack }, options }: PoolParts): SharedParts {
  const { location, publicKey, networkRange: ipRange = "10.0.0.0/16" } = props;
  const labels = { stack };
  const network = new sdk.Network(`${stack}/network`, { name: stack, ipRange, labels }, options);
  return {
    key: new sdk.SshKey(`${stack}/ssh-key`, { name: stack, publicKey, labels }, options),
    network,
    subnet: new sdk.NetworkSubnet(
      `${stack}/subnet`,
      { networkId: numberOf(network.id), type: "cloud", networkZone: locations[location].zone, ipRange },
      options,
    ),
    firewall: new sdk.Firewall(`${stack}/firewall`, { name: stack, rules: firewallRules(props), labels }, options),
  };
}

/** SSH and the API server for those who run the cluster, and what was asked for. Whatever is not named is dropped. */
function firewallRules({ adminFrom, open = [] }: HetznerProps): hcloud.types.input.FirewallRule[] {
  const admin = [22, 6443].map((number): HetznerPort => ({ port: number, from: adminFrom }));
  return [...admin, ...open].map(({ port: number, protocol = "tcp", from = ["0.0.0.0/0", "::/0"] }) => ({
    direction: "in",
    protocol,
    port: String(number),
    sourceIps: [...from],
  }));
}

/** Most servers that a placement group takes. @see https://docs.hetzner.com/cloud/placement-groups/overview/ */
const groupSize = 10;

function serverMaker(
  sdk: Hcloud,
  props: HetznerProps,
  { pool, options, parts }: PoolParts & { readonly parts: SharedParts },
): MachineMaker {
  const { stack, name: poolName, nodes } = pool;
  const { serverType, location, image = "debian-12", login = {}, protect = true } = props;
  const labels = { stack, pool: poolName };
  const groups = Array.from({ length: Math.ceil(nodes.count / groupSize) }, (_, index) => {
    const name = `${stack}-${poolName}-${index + 1}`;
    return new sdk.PlacementGroup(`${stack}/${poolName}/spread-${index + 1}`, { name, type: "spread", labels }, options);
  });
  let made = 0;
  return (order: MachineOrder): Machine => {
    const group = groups[Math.floor(made++ / groupSize)] as hcloud.PlacementGroup;
    const server = new sdk.Server(
      `${stack}/${order.name}/server`,
      {
        name: order.name,
        serverType,
        location,
        image,
        labels,
        sshKeys: [parts.key.id],
        firewallIds: [numberOf(parts.firewall.id)],
        networks: [{ networkId: numberOf(parts.network.id) }],
        placementGroupId: numberOf(group.id),
        shutdownBeforeDeletion: true,
        deleteProtection: protect,
        rebuildProtection: protect,
        ...(order.userData !== undefined && { userData: order.userData.apply(withinLimit) }),
      },
      {
        ...order.options,
        dependsOn: [parts.subnet, ...order.options.dependsOn],
        protect,
        deleteBeforeReplace: true,
        ignoreChanges: ["userData", "image", "sshKeys"],
      },
    );
    return {
      connection: { ...login, address: server.ipv4Address, hostKey: order.hostKey ?? "" },
      resources: [server],
      privateAddress: server.networks.apply((networks) => networks?.[0]?.ip ?? ""),
      restartsWith: serverType,
    };
  };
}

/** Largest user data that Hetzner takes. Unit: bytes. @see https://docs.hetzner.cloud/#servers-create-a-server */
const userDataLimit = 32_768;

function withinLimit(userData: string): string {
  const size = Buffer.byteLength(userData);
  if (size <= userDataLimit) return userData;
  throw new Error(
    `hetzner: the user data has ${size} bytes, and Hetzner takes ${userDataLimit}. Make the machines yourself, and use ssh([…]).`,
  );
}

/** The API's ids are numbers, and Pulumi's are text. */
function numberOf(id: Output<string>): Output<number> {
  return id.apply(Number);
}
