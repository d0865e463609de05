import type { ChainBudget } from "../checks/chain-budget";
import type { ObjectGraph } from "../checks/object-graph";
import type { Finding } from "../core/finding";
import { chains } from "./chains";
import { edges } from "./edges";
import { externalNodes } from "./external-nodes";
import { gatewayNodes } from "./gateway-nodes";
import { namespaceNodes } from "./namespace-nodes";
import { pictureFindings } from "./picture-findings";
import { places } from "./places";
import { outsideNodes } from "./policy-edges";
import { capacities, poolNodes } from "./pool-nodes";
import { serviceNodes } from "./service-nodes";
import type { Topology } from "./topology";

/** What the checks found of the same objects. */
export interface Found {
  readonly findings: readonly Finding[];
  readonly chains: ChainBudget;
}

/** The picture of a graph, as data. Takes time linear in the number of objects; its size is bounded, and says what it leaves out. */
export function topologyOf(graph: ObjectGraph, found: Found): Topology {
  const around = graph.derive(places);
  const { releases, residency = [] } = graph.surroundings;
  const calls = edges(graph, around);
  const ground = poolNodes(graph);
  const budget = chains(found.chains);
  const listed = pictureFindings(graph, around, found.findings);
  return {
    istio: releases.istio.text,
    kubernetes: releases.kubernetes.text,
    residency,
    namespaces: namespaceNodes(graph, around),
    services: serviceNodes(graph, around),
    gateways: gatewayNodes(graph),
    externals: externalNodes(graph),
    outsiders: outsideNodes(calls.edges),
    pools: ground.pools,
    edges: calls.edges,
    capacity: capacities(graph),
    chains: budget.chains,
    findings: listed.findings,
    leftOut: {
      services: around.leftOut,
      edges: calls.leftOut,
      chains: budget.leftOut,
      findings: listed.leftOut,
      pools: ground.leftOut,
    },
  };
}
