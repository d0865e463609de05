/** What a picture holds at most: beyond that nobody reads it, and a synth would wait for it. The rest is counted. */
export const mostServices = 3_000;

/** Pairs of which one leads to the other. */
export const mostEdges = 12_000;

/** Chains of calls, those whose deadlines do not hold first. */
export const mostChains = 200;

/** Hops of all chains together. */
export const mostHops = 4_000;

/** Findings, errors first. */
export const mostFindings = 1_500;

/** Pools and single nodes. */
export const mostPools = 200;

/** Items of a list within one thing: hosts of a gateway, versions of a service, hosts of a ServiceEntry. */
export const mostItems = 50;

/** Callers that one account or address of a policy may mean before the whole namespace stands for them. */
export const mostMeant = 20;
