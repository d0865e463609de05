import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Manifest } from "../../support/examples";
import { objectsOf } from "../../support/tree";
import { evidence } from "../evidence";
import { queuesOf } from "../mesh/in-namespace";
import { Mesh, meshIsMissing } from "../mesh/mesh";
import { applyKinds, applyPods } from "./envoy-size-objects";
import { type EnvoyMemory, type EnvoySize, emptyEnvoy, secondsToReady, sizeOf } from "./envoy-size-sidecar";
import { calls, largeTree } from "./envoy-size-tree";

const services = 1_000;

describe.skipIf(meshIsMissing())("the size of one Envoy in a mesh of 1,000 services", () => {
  const narrow = largeTree(services, "calls");
  let objects: readonly Manifest[] = [];
  let mesh: Mesh | undefined;
  let empty: EnvoyMemory;
  let firstSecondsToReady: number;
  let whole: EnvoySize;
  let narrowed: EnvoySize;
  let narrowest: EnvoySize;
  let queues: readonly number[] = [];

  // Deployments, accounts and disruption budgets are left out: no Envoy is configured by them.
  beforeAll(async () => {
    empty = await emptyEnvoy();
    objects = objectsOf(narrow.app);
    const { app, controlPlane } = largeTree(2, "mesh");
    mesh = await Mesh.start(app, controlPlane);
    await applyKinds(mesh, objects, [
      "Namespace",
      "Service",
      "PeerAuthentication",
      "AuthorizationPolicy",
      "DestinationRule",
      "VirtualService",
    ]);
    await applyPods(mesh, objects);
    // Not measured but for its start: istiod makes everything for it for the first time, right after it was told of all services.
    firstSecondsToReady = secondsToReady(await mesh.runOne("service-0-v1"));
    const pod = await mesh.runOne("service-0-v1");
    whole = sizeOf(pod);
    queues = queuesOf(pod.namespace, [15_001, 15_006]);
    await applyKinds(mesh, objects, ["Sidecar"]);
    narrowed = sizeOf(await mesh.runOne("service-0-v1"));
    narrowest = sizeOf(await mesh.runOne("service-1-v1"));
  }, 300_000);

  afterAll(async () => await mesh?.end());

  test("sidecarScope adds Sidecars to a tree, and changes nothing else", () => {
    const rest = objects.filter(({ kind }) => kind !== "Sidecar");
    expect(rest).toEqual(objectsOf(largeTree(services, "mesh").app));
    expect(objects.length - rest.length).toBe(services);
  });

  test("a sidecar without scope knows every service, one with scope those that were declared", () => {
    const every = objects.filter(({ kind }) => kind === "Service").map(({ metadata }) => metadata);
    expect(whole.hosts).toEqual(expect.arrayContaining(every.map(({ name, namespace }) => `${name}.${namespace}.svc.cluster.local`)));
    expect(narrowed.hosts).toEqual([...narrow.hostsCalledBy(0)].sort());
    expect(narrowest.hosts).toEqual([...narrow.hostsCalledBy(1)].sort());
    expect([narrowed.hosts.length, narrowest.hosts.length]).toEqual([calls.first, calls.each]);
  });

  test("the declared calls make one sidecar's configuration at least 40 times smaller, as the README says", (context) => {
    const ratio = whole.configuration / narrowed.configuration;
    expect(ratio).toBeGreaterThan(40);
    expect(readme()).toContain(`${times(ratio)} times smaller (${mega(narrowed.configuration)} in place of ${mega(whole.configuration)})`);
    evidence(
      context,
      {
        claim: `\`sidecarScope: "calls"\` makes the configuration of one sidecar at least 40 times smaller, where each service calls ${calls.each} to ${calls.first} of ${services}`,
        measured: `${mega(whole.configuration)} without scope, ${mega(narrowed.configuration)} with ${calls.first} calls (${times(ratio)} times smaller), ${mega(narrowest.configuration)} with ${calls.each} calls: characters of Envoy's \`config_dump\` as JSON without blanks, endpoints included`,
        tolerance:
          "at least 40 times, the fixed part that every sidecar has included, and the figures of the README: they are the same in each run but for names of the pods",
      },
      {
        claim: "The same, counted",
        measured: [whole, narrowed, narrowest]
          .map((size) => `${size.clusters} clusters, ${size.routes} routes, ${size.endpoints} endpoints`)
          .join("; then "),
        tolerance: "reported",
      },
      {
        claim: "What istiod sends one sidecar from its start until it is ready",
        measured: `${mega(whole.received)} without scope, ${mega(narrowed.received)} with ${calls.first} calls, ${mega(narrowest.received)} with ${calls.each}`,
        tolerance: "at least 10 times: objects that change meanwhile are sent again",
      },
    );
    expect(whole.received / narrowed.received).toBeGreaterThan(10);
  });

  test("and its memory smaller, down to what an empty Envoy takes", (context) => {
    const above = ({ memory }: EnvoySize): number => memory.allocated - empty.allocated;
    const [wide, ten, five] = [whole, narrowed, narrowest].map(({ memory }) => memory);
    const ratio = whole.memory.allocated / narrowed.memory.allocated;
    expect(ratio).toBeGreaterThan(20);
    expect(readme()).toContain("the memory that it allocates more than 20 times (some 10 MB in place of some 216 MB)");
    for (const [seen, said] of [
      [whole, 216e6],
      [narrowed, 10e6],
    ] as const)
      expect(Math.abs(seen.memory.allocated - said) / said).toBeLessThan(0.1);
    expect(above(whole) / above(narrowed)).toBeGreaterThan(20);
    expect(whole.memory.resident / narrowed.memory.resident).toBeGreaterThan(5);
    evidence(
      context,
      {
        claim: "Envoy's memory becomes smaller too",
        measured: `allocated: ${mega(wide?.allocated)} without scope, ${mega(ten?.allocated)} with ${calls.first} calls (${times(ratio)} times smaller), ${mega(five?.allocated)} with ${calls.each}; an empty Envoy has ${mega(empty.allocated)}, and above it the ratio is ${times(above(whole) / above(narrowed))}`,
        tolerance: "more than 20 times, with what an empty Envoy has and without; within a tenth of what the README says",
      },
      {
        claim: "And what the kernel has given it, its program's file left out",
        measured: `${mega(wide?.resident)} without scope, ${mega(ten?.resident)} with ${calls.first} calls, ${mega(five?.resident)} with ${calls.each}; an empty Envoy ${mega(empty.resident)}`,
        tolerance: "at least 5 times: Envoy keeps what it has freed",
      },
    );
  });

  test("Istio leaves the length of its listeners' queues to the kernel", (context) => {
    expect(queues).toEqual([4_096, 4_096]);
    evidence(context, {
      claim: "`net.core.somaxconn` of a pod's namespace is the length of the queues at its sidecar's listeners: Istio asks for no other",
      measured: `${queues.join(" and ")} connections at ports 15001 and 15006, with the kernel's default of 4096`,
    });
  });

  test("a pod is ready sooner", (context) => {
    expect(whole.secondsToReady).toBeGreaterThan(narrowed.secondsToReady);
    evidence(context, {
      claim: "A sidecar with fewer things to know is ready sooner",
      measured: `${whole.secondsToReady.toFixed(1)} s without scope, ${narrowed.secondsToReady.toFixed(1)} s with ${calls.first} calls, from the start of the agent until Envoy serves. Another one without scope, started before, right after istiod was told of ${services} services, took ${firstSecondsToReady.toFixed(1)} s`,
      tolerance:
        "sooner, where istiod has made the wide configuration before, and the narrow one not: the machine has two cores, which istiod shares",
    });
  });
});

function readme(): string {
  return readFileSync(join(__dirname, "../../../README.md"), "utf8").replaceAll(/\s+/g, " ");
}

function mega(bytes: number | undefined): string {
  const megabytes = (bytes ?? Number.NaN) / 1e6;
  return `${megabytes.toFixed(megabytes < 1 ? 2 : 1)} MB`;
}

function times(ratio: number): string {
  return ratio.toFixed(0);
}
