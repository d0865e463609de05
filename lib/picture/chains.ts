import type { CallChain, ChainBudget, ChainHop } from "../checks/chain-budget";
import { entryId } from "./ids";
import { mostChains, mostHops } from "./limits";
import type { Chain, ChainStep } from "./topology";

/** Chains of calls with their deadlines: those that do not hold first. */
export function chains({ chains: all, leftOut }: ChainBudget): { readonly chains: readonly Chain[]; readonly leftOut: number } {
  const ordered = [...all.filter(({ holds }) => !holds), ...all.filter(({ holds }) => holds)].filter(({ hops }) => hops.length > 0);
  let hops = 0;
  const kept = ordered.slice(0, mostChains).filter((chain) => {
    hops += chain.hops.length;
    return hops <= mostHops;
  });
  return { chains: kept.map(chainOf), leftOut: leftOut + ordered.length - kept.length };
}

function chainOf({ holds, circle, hops }: CallChain): Chain {
  return { holds, ...(circle !== undefined && { circle: `service:${circle}` }), hops: hops.map(step) };
}

function step({ from, to, port, kind, tries, requests, holds, written, ...times }: ChainHop, index: number): ChainStep {
  return {
    from: index === 0 && !isService(from) ? entryId(from) : `service:${from}`,
    to: `service:${to}`,
    ...(port !== undefined && { port }),
    kind,
    tries,
    requests,
    written,
    ...finite("timeout", times.timeout),
    ...finite("perTry", times.perTry),
    ...finite("longest", times.longest),
    ...finite("remaining", times.remaining),
    ...(holds !== undefined && { holds }),
  };
}

/** `shop/checkout`, and not `gateway istio-system/edge` or `LoadBalancer`. */
function isService(by: string): boolean {
  return by.includes("/") && !by.includes(" ");
}

/** JSON has no word for what has no end. */
function finite<Name extends string>(name: Name, time: number): { readonly [Key in Name]?: number } {
  return (Number.isFinite(time) ? { [name]: time } : {}) as { readonly [Key in Name]?: number };
}
