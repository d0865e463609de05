import { isIP } from "node:net";
import { type Check, matching, optional, port, satisfies } from "../core/check";
import { labelKey, labelValue } from "../core/name";
import { problem } from "../core/problem";
import { atLeastOneOf, dict, isDeferred, noneOf, part, type Rule } from "./part";
import { count32, isHost, isUnixSocket, labelsUpTo, orEmpty, textOf } from "./text";
import { isText, tolerated } from "./tolerated";

/** One place where a service runs. */
export interface WorkloadEndpoint {
  /** Address, host name, or Unix socket such as `unix:///run/shop.sock`. Required unless `network` is there. */
  readonly address?: string;
  /** A port's name to its number here. @default - the same number */
  readonly ports?: Readonly<Record<string, number>>;
  /** Labels that subsets select by. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Network that the endpoint is in. Others reach it by a gateway. */
  readonly network?: string;
  /** `region/zone/subzone`. */
  readonly locality?: string;
  /** Share relative to the other endpoints. */
  readonly weight?: number;
  /** Account that the endpoint's certificate names. */
  readonly serviceAccount?: string;
}

const address: Check = satisfies(
  "an address, a host name or a Unix socket such as unix:///run/shop.sock",
  (value) => typeof value === "string" && value.length <= 256 && (isIP(value) > 0 || isHost(value) || isUnixSocket(value)),
);

/** One character less than a port's name may have: so Istio's schema wants it. */
const portKey: Check = matching(/^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/, "a name of at most 62 letters, digits and dashes", 62);

const fields = {
  address: optional(orEmpty(address)),
  ports: optional(dict(portKey, port, { max: 128 })),
  labels: optional(labelsUpTo(256)),
  network: optional(textOf(0, 2048)),
  locality: optional(textOf(0, 2048)),
  weight: optional(count32),
  serviceAccount: optional(textOf(0, 253)),
};

/** An empty address says nothing, nor does an empty network. */
const someAddress: Rule<WorkloadEndpoint> = ({ address, network }, path) =>
  (address === "" || network === "") && (address ?? "") === "" && (network ?? "") === ""
    ? [problem(`${path}.address`, address, "an address, because there is no network")]
    : [];

const noPortsOfSocket: Rule<WorkloadEndpoint> = (endpoint, path) =>
  isDeferred(endpoint.address) || endpoint.address?.startsWith("unix://") !== true
    ? []
    : noneOf(endpoint, path, "a Unix socket has none", "ports");

/** A place that Istio takes. */
export const workloadEndpoint: Check = part<WorkloadEndpoint>(fields, atLeastOneOf("address", "network"), someAddress, noPortsOfSocket);

/** A place that Istio takes, whose address comes later. Istio looks at it when a machine joins. */
export const workloadTemplate: Check = part<WorkloadEndpoint>(
  {
    ...fields,
    address: optional(tolerated(address, (value) => isText(value) && value.length <= 256)),
    labels: optional(dict(tolerated(labelKey, isText), tolerated(labelValue, isText), { max: 256 })),
  },
  noPortsOfSocket,
);
