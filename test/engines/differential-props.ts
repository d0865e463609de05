import { isRecord } from "../../lib/core/check";
import { type Place, places, replaced } from "../istio/data-samples";
import { removed, short, valueAt, without, wrongTypes } from "./differential-edits";
import { inPercent, oneOf, type Random } from "./differential-random";
import type { Part, System } from "./differential-trees";
import { numbers, unlikelyTexts } from "./differential-values";

/** A system that differs from a sound one in one prop. */
export interface BrokenSystem {
  readonly system: System;
  /** What was done, in words. */
  readonly change: string;
}

/** Breaks one prop of one construct of a system, or its name. */
export function brokenSystem(system: System, random: Random): BrokenSystem {
  const name = oneOf(random, partNames(system));
  const found: Part | readonly Part[] = system[name];
  if (!("length" in found)) {
    const { part, change } = brokenPart(found, name, random);
    return { system: { ...system, [name]: part }, change: `${name} ${change}` };
  }
  const index = random(found.length);
  const { part, change } = brokenPart(found[index] as Part, name, random);
  return { system: { ...system, [name]: found.map((one, at) => (at === index ? part : one)) }, change: `${name}[${index}] ${change}` };
}

type PartName = Exclude<keyof System, "calls">;

/** Services have most props, and are broken most often. */
function partNames(system: System): readonly PartName[] {
  const all = ["controlPlane", "gateway", "namespace", "services", "services", "services", "externals", "outsiders", "exposures"] as const;
  return all.filter((name) => {
    const found: Part | readonly Part[] = system[name];
    return !("length" in found) || found.length > 0;
  });
}

function brokenPart(part: Part, name: PartName, random: Random): { readonly part: Part; readonly change: string } {
  if (part.id !== "" && inPercent(random, 8)) {
    const id = oneOf(random, ids);
    return { part: { ...part, id }, change: `is called ${short(id)}` };
  }
  if (inPercent(random, 20)) {
    const [prop, values] = oneOf(random, Object.entries(rare[name] ?? { unknwon: [1] }));
    const value = oneOf(random, values);
    return { part: { ...part, props: { ...part.props, [prop]: value } }, change: `${prop}: is ${short(value)}` };
  }
  const place = oneOf<Place>(random, [[], ...places(part.props)]);
  const { value, change } = breakOf(valueAt(part.props, place), random);
  const props = value !== removed ? replaced(part.props, place, value) : place.length === 0 ? {} : without(part.props, place);
  return { part: { ...part, props: props as object }, change: `${place.join(".") || "props"}: ${change}` };
}

interface Break {
  readonly value: unknown;
  readonly change: string;
}

function breakOf(value: unknown, random: Random): Break {
  if (inPercent(random, 10)) return { value: removed, change: "removed" };
  if (inPercent(random, 20)) return is(oneOf(random, wrongTypes));
  if (Array.isArray(value)) return listBreak(value, random);
  if (isRecord(value)) return recordBreak(value, random);
  return is(oneOf<unknown>(random, typeof value === "number" ? numbers.any : typeof value === "boolean" ? wrongTypes : texts));
}

function is(value: unknown): Break {
  return { value, change: `is ${short(value)}` };
}

function listBreak(list: readonly unknown[], random: Random): Break {
  const [first] = list;
  const other = isRecord(first) ? recordBreak(first, random).value : oneOf(random, texts);
  return oneOf(random, [
    is([]),
    { value: [...list, first], change: "has its first item twice" },
    { value: [...list, other], change: `has ${short(other)} too` },
    { value: Array.from({ length: 300 }, () => first), change: "has its first item very often" },
  ]);
}

function recordBreak(record: Readonly<Record<string, unknown>>, random: Random): Break {
  const [name = "a", value = "b"] = oneOf(random, [[], ...Object.entries(record)]);
  const text = oneOf(random, texts);
  return oneOf(random, [
    is({}),
    { value: { ...record, unknwon: 1 }, change: "has a prop that nobody knows" },
    { value: { ...record, [text]: value }, change: `has ${short(text)} too` },
    { value: { ...record, [name]: text }, change: `has ${name}: ${short(text)}` },
  ]);
}

/** Texts that people write by mistake, in the languages of props too: amounts, images, names, shares. */
const texts: readonly string[] = [
  ...unlikelyTexts,
  ...["1 Gi", "100mm", "1.5Gi", "1KB", "Mi", "1e400", "0.0001m", "1Gi ", "100M", "1e3", "٣", "9223372036854775808", "12E", "1.0000000001"],
  ...[
    "x y",
    "a:b:c",
    "UPPER/x:1",
    "x@sha256:1",
    "registry.example.no/x",
    "http://x/y:1",
    "x:",
    `x:${"y".repeat(129)}`,
    "10.0.0.1:5000/x:1",
  ],
  ...["Shop", "shop_", "shop-", "istio-proxy", "istio-system", "kube-system", "default", "s0", "v1", "V1", "1", "1a", "edge", "mesh"],
  ...[
    "safe",
    "none",
    "strict",
    "STRICT",
    "all",
    "cookie",
    "istio-injection",
    "istio.io/rev",
    "app",
    "version",
    "kubernetes.io/metadata.name",
  ],
];

/** Only a root may have an empty id. */
const ids = texts.filter((text) => text !== "");
const names = ["Shop", "a_b", "", "x".repeat(64), "a.b", "1a", "-a", "a/b", "istio-proxy", "default", "s0", "shop", 7, null] as const;
const amounts = [{ requests: { cpu: "1 m" } }, { requests: { cpu: "2" }, limits: { cpu: "1" } }, { limits: { memory: "-1Gi" } }, {}, "1Gi"];
const bounds = [{ min: 0, max: 0 }, { min: 3, max: 2 }, { min: 1 }, { min: 1, max: 2, targetCpu: 0 }, 2 ** 31, -1, 1.5, "2"];

/** Props that sound systems do not have, and values that may be wrong. */
const rare: Partial<Readonly<Record<PartName, Readonly<Record<string, readonly unknown[]>>>>> = {
  controlPlane: {
    name: names,
    namespace: names,
    revision: names,
    profile: ["defualt", "", "demo", 1],
    pilot: [...amounts.map((resources) => ({ resources })), ...bounds.map((autoscaling) => ({ autoscaling }))],
    sidecar: amounts,
    trustDomain: ["", "A.b", "a b", "*", "a/b", "x".repeat(300)],
    distribution: ["k3d", "", 3],
    existing: [true, "yes", 1],
  },
  gateway: {
    serviceAccountName: names,
    podSelector: [{ "a b": "c" }, { app: "x".repeat(64) }, {}, [], { app: 1 }],
    autoscaling: bounds,
    resources: amounts,
  },
  namespace: {
    name: names,
    existing: [true, 1, "no"],
    defaults: ["none", "unsafe"],
    labels: [{ "istio-injection": "disabled" }, { a: "b c" }],
  },
  services: {
    name: names,
    replicas: bounds,
    resources: amounts,
    sidecar: [{ cpu: "1 m" }, { memory: "1KB" }, { cpu: "2", cpuLimit: "1" }, {}],
    port: [0, 65_536, "80", 15_001, 1.5, -1],
    targetPort: [0, 15_006, 65_536, "http"],
    timeout: ["0s", "-1s", "1", "1d", "0.5ms", "99999999h", ""],
    pool: [{}, "fast", null],
  },
};
