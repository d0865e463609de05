import { isDeepStrictEqual } from "node:util";
import { namespaceText } from "../../checks/report/mtls-report";
import type { Problem } from "../../core/problem";
import type { DeclaredPlaintext, ExpectedNamespace } from "../../prometheus/mtls-expectation";
import { isSafe, mtlsStatus, type NamespaceStatus, unreachableStatus } from "../../prometheus/mtls-status";
import { plaintextCounts } from "../../prometheus/plaintext";
import { PrometheusError } from "../../prometheus/prometheus-api";
import type {
  CreatedResource,
  ExistingResource,
  FoundResource,
  Properties,
  ResourceDifference,
  ResourceLog,
  ResourceOperations,
} from "./resource-operations";
import { type StrictGateInputs, strictGateInputs, strictGateInputsIn } from "./strict-gate-inputs";

/** Clocks of this machine and of the cluster differ by less. Unit: milliseconds. */
const clockSkew = 60_000;

/** What the operations work with. */
export interface StrictGateProps {
  readonly log: ResourceLog;
  /** When this update began. Unit: milliseconds since 1970. */
  readonly begun: number;
}

/**
 * Operations of the resource StrictGate: a question to Prometheus when a namespace goes to STRICT, and nothing that has to be taken away again.
 *
 * It is asked when the state has the namespace as permissive, or does not have it, and when a strict namespace loses an exception; not of a namespace
 * that this very update has created: nobody calls it yet.
 */
export class StrictGateOperations implements ResourceOperations {
  readonly secrets: ResourceOperations["secrets"] = [["token"]];
  readonly #log: ResourceLog;
  readonly #begun: number;

  constructor({ log, begun }: StrictGateProps) {
    this.#log = log;
    this.#begun = begun;
  }

  check(inputs: Properties): readonly Problem[] {
    return strictGateInputs(inputs);
  }

  /** Another token, or a namespace that was created anew, is no other question. */
  diff({ state }: ExistingResource, inputs: Properties): ResourceDifference {
    const [old, wanted] = [state, inputs].map((properties) => {
      const { token, createdAt, ...rest } = strictGateInputsIn(properties);
      return rest;
    });
    return { changed: !isDeepStrictEqual(old, wanted), replaces: [] };
  }

  async create(urn: string, properties: Properties): Promise<CreatedResource> {
    const inputs = strictGateInputsIn(properties);
    const isNew = Date.parse(inputs.createdAt ?? "") >= this.#begun - clockSkew;
    return { id: inputs.expected.name, state: isNew ? stateOf(inputs, "not asked") : await this.#passed(urn, inputs) };
  }

  async read({ urn, state }: ExistingResource): Promise<FoundResource> {
    if (state.expected === undefined) throw new Error(`${urn} cannot be imported: what it asks about is in the program only.`);
    return { inputs: { ...strictGateInputsIn(state) }, state };
  }

  async update({ urn, state }: ExistingResource, properties: Properties): Promise<Properties> {
    const inputs = strictGateInputsIn(properties);
    const { expected: before } = strictGateInputsIn(state);
    const closes = before.stage === "permissive" || takesAway(before, inputs.expected);
    return closes ? this.#passed(urn, inputs) : stateOf(inputs, String(state.verdict));
  }

  async delete(): Promise<void> {
    // It is a question, and nothing was made of it.
  }

  /** The state of a gate that lets the namespace through. Rejects where it does not. */
  async #passed(urn: string, inputs: StrictGateInputs): Promise<Properties> {
    if (inputs.expected.stage === "permissive") return stateOf(inputs, "not asked");
    const status = await ask(inputs);
    if (isSafe(status)) return stateOf(inputs, status.verdict);
    if (inputs.force === undefined) throw new Error(refusal(status));
    this.#log.warn(urn, `STRICT is forced (${inputs.force.reason}). ${namespaceText(status)}`);
    return stateOf(inputs, status.verdict);
  }
}

/** Whether a caller that was let in without mTLS is not let in any more. A workload that no service has any more goes itself, as with every release. */
function takesAway(before: ExpectedNamespace, after: ExpectedNamespace): boolean {
  const left = new Set(after.services.flatMap(({ workloads }) => workloads));
  const kept = singleExceptions(after.plaintext);
  return singleExceptions(before.plaintext)
    .filter(({ workload }) => left.has(workload))
    .some(({ workload, port, range }) => !kept.some((one) => one.workload === workload && one.port === port && one.range === range));
}

/** One for each workload and address range; `""` where they are the original callers', which are not told. */
function singleExceptions(exceptions: readonly DeclaredPlaintext[]): readonly { workload: string; port: number; range: string }[] {
  return exceptions.flatMap(({ workloads, port, from }) =>
    workloads.flatMap((workload) => (from.length === 0 ? [""] : from).map((range) => ({ workload, port, range }))),
  );
}

async function ask({ prometheus, token, over, atLeast, expected }: StrictGateInputs): Promise<NamespaceStatus> {
  const names = [expected.name];
  const server = { url: prometheus, ...(token !== undefined && { token }) };
  const question = { over, atLeast, namespaces: names, expectation: { namespaces: [expected] } };
  const [status] = await plaintextCounts(server, { over, namespaces: names }).then(
    (counts) => mtlsStatus(counts, question),
    (error: unknown) => {
      if (error instanceof PrometheusError) return unreachableStatus(names, error.message);
      throw error;
    },
  );
  return status as NamespaceStatus;
}

/** The token is not kept: who asks again has it. */
function stateOf({ token, ...inputs }: StrictGateInputs, verdict: string): Properties {
  return { ...inputs, verdict };
}

function refusal(status: NamespaceStatus): string {
  return [
    `namespace ${status.name} does not go on to STRICT as it is declared, and nothing in it was changed.`,
    namespaceText(status),
    `Who calls: meshground mtls status --namespace ${status.name} --access-log FILE. To go on all the same: mtlsGate: { force: { reason: "…" } }; it holds for every namespace, so take it out afterwards.`,
  ].join("\n");
}
