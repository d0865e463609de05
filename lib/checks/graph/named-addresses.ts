import { records, text, texts } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { serviceOf } from "./hosts";
import { type ServicePort, servicePorts } from "./service-pods";
import { containersOf, type Workload } from "./workloads";

/** An address that a workload is given: in the value of a variable, an argument or a command. */
export interface NamedAddress {
  readonly host: string;
  /** @default - the scheme's, where it has one that is known */
  readonly port: number | undefined;
  /** Field that holds it. */
  readonly field: string;
}

/** A Service that a workload is given the address of. */
export interface NamedService {
  readonly service: MeshObject;
  /** Ports of it that the address can mean. */
  readonly ports: readonly ServicePort[];
  readonly field: string;
}

const schemePorts: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443 };
const hostname = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Services of the graph that a workload is given an address of, each with where. */
export function namedServices(graph: ObjectGraph, workload: Workload): readonly NamedService[] {
  return namedAddresses(workload).flatMap(({ host, port, field }) => {
    const service = serviceNamed(graph, host, workload.namespace);
    if (service === undefined) return [];
    const ports = servicePorts(service).filter(({ number }) => port === undefined || number === port);
    return ports.length === 0 ? [] : [{ service, ports, field }];
  });
}

/** Addresses in what the containers of a workload are started with: URLs, `host:port`, and names that end in `.svc`. */
export function namedAddresses(workload: Workload): readonly NamedAddress[] {
  return containersOf(workload, ["containers", "initContainers"]).flatMap(({ container, field }) => [
    ...records(container.env).flatMap(({ value }, index) => addressesIn(text(value) ?? "", `${field}.env[${index}].value`)),
    ...texts(container.command).flatMap((word) => addressesIn(word, `${field}.command`)),
    ...texts(container.args).flatMap((word) => addressesIn(word, `${field}.args`)),
  ]);
}

function serviceNamed(graph: ObjectGraph, host: string, namespace: string): MeshObject | undefined {
  const [name = "", place = namespace, ...rest] = host.split(".");
  const inCluster = rest.length === 0 || rest.join(".") === "svc" || serviceOf(host) !== undefined;
  return inCluster ? graph.find("Service", place, name) : undefined;
}

/** Long texts are scripts and certificates: their first part is enough to read. */
const longest = 10_000;

function addressesIn(value: string, field: string): readonly NamedAddress[] {
  return value
    .slice(0, longest)
    .split(/[\s,;|"'`<>(){}[\]=]/)
    .flatMap((word) => addressOf(word, field));
}

function addressOf(word: string, field: string): readonly NamedAddress[] {
  const scheme = word.indexOf("://");
  const [authority = ""] = (scheme === -1 ? word : word.slice(scheme + 3)).split(/[/?#\\]/);
  const [host = "", port, ...more] = authority.slice(authority.lastIndexOf("@") + 1).split(":");
  if (more.length > 0 || !hostname.test(host) || (port !== undefined && !/^\d{1,5}$/.test(port))) return [];
  const isAddress = scheme !== -1 || port !== undefined || host.endsWith(".svc") || serviceOf(host) !== undefined;
  const known = scheme === -1 ? undefined : schemePorts[word.slice(0, scheme)];
  return isAddress ? [{ host, port: port === undefined ? known : Number(port), field }] : [];
}
