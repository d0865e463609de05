import { main } from "@pulumi/pulumi/provider";
import { Host } from "../../hosts/host";
import { qualificationTable } from "../../hosts/qualification-table";
import { qualifyHost } from "../../hosts/qualify-host";
import { packageVersion } from "../package-version";
import { BootedMachineOperations } from "./booted-machine-operations";
import { clusterTokenSecret } from "./cluster-token-secret";
import { engineLog } from "./engine-log";
import { GroundProvider } from "./ground-provider";
import { HostAccess } from "./host-access";
import { hostKeyPairSecret } from "./host-key-pair-secret";
import { KeptSecretOperations } from "./kept-secret-operations";
import { KubernetesNodeOperations } from "./kubernetes-node-operations";
import { LibvirtMachineOperations } from "./libvirt-machine-operations";
import { StrictGateOperations } from "./strict-gate-operations";
import { type QualifyHost, TunedHostOperations } from "./tuned-host-operations";
import { forgetVariable, forgottenIds } from "./way-out";

/** Hosts that the provider works on at once, unless the environment says another number. */
const hostsAtOnce = 8;

const qualify: QualifyHost = async (host, requirements) => qualificationTable(await qualifyHost(host, requirements));

/** Serves the provider until the engine ends it. The engine gives flags of its own and, last, its address. */
export function serve(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): void {
  const log = engineLog(args.findLast((argument) => /^[\w.:[\]-]+:\d+$/.test(argument)));
  const hosts = new HostAccess((connection) => Host.connect(connection), atMost(environment.MESHGROUND_PARALLEL_HOSTS));
  const types = {
    "meshground:index:TunedHost": new TunedHostOperations({ hosts, qualify, log }),
    "meshground:index:KubernetesNode": new KubernetesNodeOperations(hosts, log),
    "meshground:index:BootedMachine": new BootedMachineOperations(hosts),
    "meshground:index:LibvirtMachine": new LibvirtMachineOperations(hosts, log),
    "meshground:index:HostKeyPair": new KeptSecretOperations(hostKeyPairSecret),
    "meshground:index:ClusterToken": new KeptSecretOperations(clusterTokenSecret),
    "meshground:index:StrictGate": new StrictGateOperations({ log, begun: Date.now() }),
  };
  const forgotten = forgottenIds(environment[forgetVariable]);
  void main(new GroundProvider(packageVersion, types, { onCancel: () => hosts.cancel(), forgotten }), [...args]);
}

function atMost(setting: string | undefined): number {
  if (setting === undefined) return hostsAtOnce;
  const count = Number(setting);
  if (Number.isSafeInteger(count) && count >= 1 && count <= 256) return count;
  throw new Error(`MESHGROUND_PARALLEL_HOSTS: got ${JSON.stringify(setting)}, expected a whole number from 1 to 256.`);
}
