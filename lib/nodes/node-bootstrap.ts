/**
 * What makes a machine a node, as POSIX shell scripts that run as root and can be run again. Secrets reach `install` and `start` as lines
 * `NAME=value` on standard input.
 */
export interface NodeBootstrap {
  /** What the version script prints once the release is installed. */
  readonly release: string;
  /** Installs the release, without starting it. */
  readonly install: string;
  /** Starts what is installed, and restarts it after another release was installed. */
  readonly start: string;
  /** Prints the installed release; fails or prints nothing where there is none. */
  readonly version: string;
  /** Prints the kubeconfig of an administrator. Only for the server that others join. */
  readonly kubeconfig?: string;
  /** Takes Kubernetes off the host. For nodes that may be uninstalled. */
  readonly uninstall?: string;
}

/** The machine that a bootstrap is for. */
export interface BootstrapNode {
  /** Name of the machine, and of the node. */
  readonly name: string;
  /** Whether it is the one that begins the cluster; all others join it. */
  readonly first: boolean;
}

/** Variable with the address at which the other nodes reach a machine; empty where it is that of its default route. */
export const addressName = "NODE_ADDRESS";

/** Looks which network device has the address, into $device. */
export const deviceLines: string = `device=
if [ -n "$NODE_ADDRESS" ]; then
  case $NODE_ADDRESS in *[!0-9a-fA-F.:]*) fail "NODE_ADDRESS is no IP address." ;; esac
  device=$(ip -oneline address show to "$NODE_ADDRESS" | tr -s ' ' | cut -d ' ' -f 2 | head -n 1)
  [ -n "$device" ] || fail "No network device of this machine has the address $NODE_ADDRESS, at which the other nodes are to reach it."
fi
`;

/** How long a script waits for its node. */
export interface Readiness {
  /** kubectl, with a kubeconfig that sees the node. */
  readonly kubectl: string;
  readonly node: string;
  /** Times that it asks, each of 15 seconds at most. */
  readonly tries: number;
  /** What was done, and the unit whose journal tells more. */
  readonly done: string;
  readonly unit: string;
}

/** Waits until the node is ready. */
export function readyLines({ kubectl, node, tries, done, unit }: Readiness): string {
  return `tries=0
until ${kubectl} wait --for=condition=Ready node/${node} --timeout=10s >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt ${tries} ] || fail "${done}, and the node ${node} is not ready. What it says there: journalctl -u ${unit}"
  sleep 5
done
`;
}

/** Reads the secrets of a script from its standard input, each into a variable of its name, and the address. */
export function readSecrets(names: readonly string[]): string {
  const cases = [...names, addressName].map((name) => `    ${name}) ${name}=$value ;;\n`).join("");
  const missing = names.map((name) => `[ -n "$${name}" ] || fail "The secret ${name} is missing."\n`).join("");
  const empty = [...names, addressName].map((name) => `${name}=\n`).join("");
  return `${empty}while IFS='=' read -r name value; do\n  case $name in\n${cases}  esac\ndone\n${missing}`;
}

/** Writes its standard input into a file, whole or not at all; a file that says the same already is left alone. */
export const putWords: string = `put() { # PATH
  cat >"$1.meshground-new"
  if cmp -s "$1.meshground-new" "$1"; then
    rm -f "$1.meshground-new"
  else
    sync "$1.meshground-new"
    mv -f "$1.meshground-new" "$1"
  fi
}
`;
