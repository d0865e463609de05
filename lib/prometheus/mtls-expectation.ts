import { type Check, line, listOf, oneOf, port, shape } from "../core/check";
import { cidr } from "../core/cidr";
import { dnsLabel, dnsSubdomain } from "../core/name";

/** A caller outside the mesh that a tree lets go on without mTLS. */
export interface DeclaredPlaintext {
  /** Names of the workloads that it calls, as Istio's metrics have them. */
  readonly workloads: readonly string[];
  /** Port that the workloads listen on. Range: 1 to 65535. */
  readonly port: number;
  /** Addresses that it calls from; none where they are not those that arrive at the sidecar. */
  readonly from: readonly string[];
  /** Why it is needed. */
  readonly reason: string;
}

/** A service of a tree and the workloads behind it. */
export interface ExpectedService {
  readonly name: string;
  /** Names of its workloads, as Istio's metrics have them. */
  readonly workloads: readonly string[];
  /** Ports that they listen on. */
  readonly ports: readonly number[];
}

/** What a tree says of a namespace on the way to STRICT. */
export interface ExpectedNamespace {
  readonly name: string;
  readonly stage: "permissive" | "strict";
  readonly services: readonly ExpectedService[];
  readonly plaintext: readonly DeclaredPlaintext[];
}

/** What a tree says of mTLS, as `report/mtls.json` has it. */
export interface MtlsExpectation {
  readonly namespaces: readonly ExpectedNamespace[];
}

/** What keeps data from being what a tree says of one namespace. */
export const expectedNamespace: Check = shape<ExpectedNamespace>({
  name: dnsLabel,
  stage: oneOf("permissive", "strict"),
  services: listOf(shape<ExpectedService>({ name: dnsLabel, workloads: listOf(dnsSubdomain), ports: listOf(port) })),
  plaintext: listOf(shape<DeclaredPlaintext>({ workloads: listOf(dnsSubdomain), port, from: listOf(cidr), reason: line })),
});

/** What keeps data from being a `report/mtls.json`. */
export const mtlsExpectation: Check = shape<MtlsExpectation>({ namespaces: listOf(expectedNamespace) });

/** What a tree says of a namespace that it does not know: nothing. */
export function unexpected(name: string): ExpectedNamespace {
  return { name, stage: "permissive", services: [], plaintext: [] };
}
