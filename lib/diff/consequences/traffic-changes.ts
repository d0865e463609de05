import { at, type Data, list, number, record, records, text, texts } from "../../checks/fields";
import { tryMilliseconds } from "../../core/duration";
import type { ComparedObject, Consequence, ConsequenceRule } from "../consequence";
import { listMatch } from "../list-match";

/** Where requests go, and how long they may take. */
export const trafficChanges: ConsequenceRule = (object) => {
  const { before, after } = object;
  if (before === undefined || after === undefined) return [];
  return (rules[object.kind] ?? []).flatMap((rule) => rule(record(before.spec), record(after.spec), object));
};

type SpecRule = (before: Data, after: Data, object: ComparedObject) => readonly Consequence[];

const rules: Readonly<Record<string, readonly SpecRule[]>> = {
  VirtualService: [routeChanges, lostHosts],
  Gateway: [lostGatewayHosts],
  DestinationRule: [lostSubsets],
  Service: [selectorChange, lostPorts],
};

function routeChanges(before: Data, after: Data): readonly Consequence[] {
  const [old, now] = [records(before.http), records(after.http)];
  const changes = listMatch("http", old, now).pairs.flatMap((pair) => {
    const [from, to] = [record(old[pair.before]), record(now[pair.after])];
    return [...weightChanges(from, to), ...timeoutChange(from, to)];
  });
  return distinct(changes);
}

/** Routes of one service mostly have the same weights: to say it once is enough. */
function distinct(consequences: readonly Consequence[]): readonly Consequence[] {
  return [...new Map(consequences.map((consequence) => [consequence.text, consequence])).values()];
}

function weightChanges(before: Data, after: Data): readonly Consequence[] {
  const [old, now] = [shares(before), shares(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])];
  return names
    .filter((name) => (old.get(name) ?? 0) !== (now.get(name) ?? 0))
    .map((name) => ({ level: "traffic", text: `${name}: ${percent(old.get(name))} -> ${percent(now.get(name))}` }));
}

/** Share of the requests of a route by destination. Without weights there is one destination, and it gets all. */
function shares(route: Data): ReadonlyMap<string, number> {
  const destinations = records(route.route);
  const weight = (item: Data): number => (destinations.length === 1 ? 1 : (number(item.weight) ?? 0));
  const sum = destinations.reduce((total, item) => total + weight(item), 0);
  return new Map(destinations.map((item) => [destinationName(item), sum === 0 ? 0 : Math.round((1000 * weight(item)) / sum) / 10]));
}

function destinationName(item: Data): string {
  const host = text(at(item, "destination", "host")) ?? "?";
  const subset = text(at(item, "destination", "subset"));
  return `${host.replace(/\.svc\.cluster\.local$/, "")}${subset === undefined ? "" : ` ${subset}`}`;
}

function percent(share: number | undefined): string {
  return `${share ?? 0} %`;
}

function timeoutChange(before: Data, after: Data): readonly Consequence[] {
  const [old, now] = [tryMilliseconds(before.timeout), tryMilliseconds(after.timeout)];
  if (now === undefined || now >= (old ?? Number.POSITIVE_INFINITY)) return [];
  return [{ level: "traffic", text: `requests that take longer than ${String(after.timeout)} are answered 504 from then on.` }];
}

function lostHosts(before: Data, after: Data): readonly Consequence[] {
  return gone(texts(before.hosts), texts(after.hosts)).map((host) => ({ level: "danger", text: `it routes ${host} no more.` }));
}

function lostGatewayHosts(before: Data, after: Data): readonly Consequence[] {
  const hosts = (spec: Data): readonly string[] => records(spec.servers).flatMap((server) => texts(server.hosts));
  return gone(hosts(before), hosts(after)).map((host) => ({ level: "danger", text: `${host} is no longer served.` }));
}

function lostSubsets(before: Data, after: Data): readonly Consequence[] {
  const names = (spec: Data): readonly string[] => records(spec.subsets).map(({ name }) => String(name));
  return gone(names(before), names(after)).map((name) => ({
    level: "danger",
    text: `subset ${name} is gone: routes that still name it answer 503.`,
  }));
}

function selectorChange(_before: Data, _after: Data, { fields }: ComparedObject): readonly Consequence[] {
  const isSelector = fields.some(({ path: [first, second] }) => first === "spec" && second === "selector");
  return isSelector ? [{ level: "danger", text: "other pods get its traffic at once: none, if no pod has these labels." }] : [];
}

function lostPorts(before: Data, after: Data): readonly Consequence[] {
  const ports = (spec: Data): readonly string[] => list(spec.ports).map((port) => String(record(port).port));
  return gone(ports(before), ports(after)).map((port) => ({ level: "danger", text: `port ${port} is gone: calls to it fail.` }));
}

function gone(before: readonly string[], after: readonly string[]): readonly string[] {
  const left = new Set(after);
  return [...new Set(before)].filter((item) => !left.has(item));
}
