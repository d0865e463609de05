import { isDeepStrictEqual } from "node:util";
import type { Problem } from "../../core/problem";
import { quotedOutput } from "../../hosts/host-error";
import { connectionSecrets } from "./connection-secrets";
import type { ConnectedHost, HostAccess } from "./host-access";
import { type KubernetesNodeInputs, kubernetesNodeInputs, kubernetesNodeInputsIn } from "./kubernetes-node-inputs";
import { refuseOtherMachine, said } from "./machine";
import type {
  CreatedResource,
  ExistingResource,
  FoundResource,
  Properties,
  ResourceDifference,
  ResourceLog,
  ResourceOperations,
} from "./resource-operations";
import { withWayOut } from "./way-out";

/** Stands for the release of a host that has none. */
const none = "none";

/** Longest time for one script, unless the connection says another: a release is downloaded in it. */
const scriptTimeout = "15m";

/** Operations of the resource KubernetesNode: a host on which a release of Kubernetes is installed and runs. */
export class KubernetesNodeOperations implements ResourceOperations {
  readonly secrets: ResourceOperations["secrets"] = [...connectionSecrets, ["secrets"], ["kubeconfig"]];
  readonly #hosts: HostAccess;
  readonly #log: ResourceLog;

  constructor(hosts: HostAccess, log: ResourceLog) {
    this.#hosts = hosts;
    this.#log = log;
  }

  check(inputs: Properties): readonly Problem[] {
    return kubernetesNodeInputs("", inputs);
  }

  diff({ state }: ExistingResource, inputs: Properties): ResourceDifference {
    return { changed: !isDeepStrictEqual(kubernetesNodeInputsIn(state), kubernetesNodeInputsIn(inputs)), replaces: [] };
  }

  async create(_urn: string, properties: Properties): Promise<CreatedResource> {
    const inputs = kubernetesNodeInputsIn(properties);
    return this.#on(undefined, inputs, async (host) => {
      const id = await machineIdOf(host);
      return { id, state: { ...inputs, ...(await bootstrapped(host, inputs)) } };
    });
  }

  async read({ urn, id, state }: ExistingResource): Promise<FoundResource> {
    if (state.connection === undefined) throw new Error(`${urn} cannot be imported: its connection and scripts are in the program only.`);
    const inputs = kubernetesNodeInputsIn(state);
    return this.#on(id, inputs, async (host) => {
      refuseOtherMachine(host, { id }, await machineIdOf(host));
      const release = await releaseOn(host, inputs);
      const found = { ...inputs, bootstrap: { ...inputs.bootstrap, release } };
      const kubeconfig = release === none ? {} : await kubeconfigOf(host, inputs);
      return { inputs: found, state: { ...found, kubeconfig: state.kubeconfig, ...kubeconfig } };
    });
  }

  async update({ id, state }: ExistingResource, properties: Properties): Promise<Properties> {
    const inputs = kubernetesNodeInputsIn(properties);
    return this.#on(id, inputs, async (host) => {
      refuseOtherMachine(host, { id }, await machineIdOf(host));
      const { bootstrap, secrets } = kubernetesNodeInputsIn(state);
      const same = isDeepStrictEqual([bootstrap, secrets], [inputs.bootstrap, inputs.secrets]);
      return { ...inputs, ...(same ? await kubeconfigOf(host, inputs) : await bootstrapped(host, inputs)) };
    });
  }

  async delete({ urn, id, state }: ExistingResource): Promise<void> {
    const inputs = kubernetesNodeInputsIn(state);
    const { uninstall } = inputs.bootstrap;
    if (inputs.uninstallOnDelete !== true || uninstall === undefined) {
      this.#log.info(urn, "the node is left as it is: uninstallOnDelete was not asked for.");
      return;
    }
    await this.#on(id, inputs, async (host) => {
      refuseOtherMachine(host, { id }, await machineIdOf(host));
      await said(host, "uninstalling", uninstall);
    });
  }

  async #on<Result>(
    id: string | undefined,
    { connection }: KubernetesNodeInputs,
    work: (host: ConnectedHost) => Promise<Result>,
  ): Promise<Result> {
    return withWayOut(id, () => this.#hosts.use({ commandTimeout: scriptTimeout, ...connection }, work));
  }
}

/** Installs and starts, looks whether the release is there, and fetches the kubeconfig where there is one to be had. */
async function bootstrapped(host: ConnectedHost, inputs: KubernetesNodeInputs): Promise<Properties> {
  const { release, install, start } = inputs.bootstrap;
  const lines = Object.entries(inputs.secrets ?? {}).map(([name, value]) => `${name}=${value}\n`);
  await said(host, `installing ${release}`, install, lines.join(""));
  await said(host, `starting ${release}`, start, lines.join(""));
  const found = await releaseOn(host, inputs);
  if (found !== release) throw new Error(`${host.name}: ${release} was installed and started, and the host says it has ${found}.`);
  return kubeconfigOf(host, inputs);
}

/** Its certificate expires and is renewed on the host, so it is read whenever there is a look at the host. */
async function kubeconfigOf(host: ConnectedHost, { bootstrap: { kubeconfig } }: KubernetesNodeInputs): Promise<Properties> {
  return kubeconfig === undefined ? {} : { kubeconfig: kubeconfigIn(host, await said(host, "reading the kubeconfig", kubeconfig)) };
}

/** The release on a host; `none` where the script that asks for it finds nothing. */
async function releaseOn(host: ConnectedHost, { bootstrap }: KubernetesNodeInputs): Promise<string> {
  const { exitCode, stdout } = await host.run(bootstrap.version);
  const release = stdout.trim();
  if (exitCode !== 0 || release === "") return none;
  if (/^[A-Za-z0-9][\w.+-]{0,63}$/.test(release)) return release;
  throw new Error(`${host.name}: asked for the release of Kubernetes, it said: ${quotedOutput(release)}`);
}

async function machineIdOf(host: ConnectedHost): Promise<string> {
  const machineId = (await said(host, "reading /etc/machine-id", "cat /etc/machine-id\n")).trim();
  if (/^[0-9a-f]{32}$/.test(machineId)) return machineId;
  throw new Error(
    `${host.name}: /etc/machine-id holds no machine-id: ${quotedOutput(machineId, 80)}. To make one: systemd-machine-id-setup.`,
  );
}

/** A kubeconfig is not shown, whatever it is. */
function kubeconfigIn(host: ConnectedHost, text: string): string {
  if (text.length <= 262_144 && /^clusters:/m.test(text) && /^users:/m.test(text)) return text;
  throw new Error(`${host.name}: what it gave as its kubeconfig is none: clusters or users are missing.`);
}
