import type { Rule } from "../rule";
import { retriesDoNotFit } from "./traffic/mg0301-retries-do-not-fit";
import { retriesBlindToSlowTries } from "./traffic/mg0302-retries-blind-to-slow-tries";
import { unsafeMethodsRetried } from "./traffic/mg0303-unsafe-methods-retried";
import { ejectsNothing } from "./traffic/mg0304-ejects-nothing";
import { affinityBrokenByWeights } from "./traffic/mg0305-affinity-broken-by-weights";
import { retryAmplification } from "./traffic/mg0310-retry-amplification";
import { deadlineTooLong } from "./traffic/mg0311-deadline-too-long";
import { noInnerTimeout } from "./traffic/mg0312-no-inner-timeout";
import { ejectsEverything } from "./traffic/mg0313-ejects-everything";
import { accidentalLocalityFailover } from "./traffic/mg0314-accidental-locality-failover";
import { hostOwnedTwice } from "./traffic/mg0315-host-owned-twice";
import { serverFirstUndeclared } from "./traffic/mg0316-server-first-undeclared";
import { serverFirstPermissive } from "./traffic/mg0317-server-first-permissive";
import { httpRoutesWithoutHttp } from "./traffic/mg0318-http-routes-without-http";
import { unknownCall } from "./traffic/mg0319-unknown-call";

/** Rules about traffic: time, retries, load balancing and protocols. By code. */
export const trafficRules: readonly Rule[] = [
  retriesDoNotFit,
  retriesBlindToSlowTries,
  unsafeMethodsRetried,
  ejectsNothing,
  affinityBrokenByWeights,
  retryAmplification,
  deadlineTooLong,
  noInnerTimeout,
  ejectsEverything,
  accidentalLocalityFailover,
  hostOwnedTwice,
  serverFirstUndeclared,
  serverFirstPermissive,
  httpRoutesWithoutHttp,
  unknownCall,
];
