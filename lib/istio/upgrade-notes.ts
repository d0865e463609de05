import { catalogue, type IstioMinor, minorNumber } from "./catalogue";
import type { IstioRelease, Releases } from "./release";

/**
 * What the catalogue says of going from one release of Istio to another: which steps a running control plane takes, which Kubernetes each step wants, how
 * long the new release is supported, and what comes or goes. One sentence or two each.
 *
 * @param today - ISO date to judge ends of life by
 */
export function upgradeNotes(from: IstioRelease, { istio: to, kubernetes }: Releases, today: string): readonly string[] {
  const [old, now] = [minorNumber(from.minor), minorNumber(to.minor)];
  const passed = catalogue.filter(({ minor }) => minorNumber(minor) > old && minorNumber(minor) <= now);
  return [
    ...direction(from, to, passed),
    ...passed.filter((row) => !isServed(row, kubernetes.minor)).map((row) => rangeNote(row, kubernetes.minor)),
    ...(isOver(from, today) ? [endOfLife(from, today)] : []),
    endOfLife(to, today),
    ...(passed.length === 0 ? [] : novelties(from.row, to.row)),
  ];
}

function isServed({ kubernetes: { oldest, newest } }: IstioMinor, kubernetes: number): boolean {
  return kubernetes >= oldest && kubernetes <= newest;
}

function rangeNote({ minor, kubernetes: { oldest, newest } }: IstioMinor, kubernetes: number): string {
  return `Istio ${minor} supports Kubernetes 1.${oldest} to 1.${newest}, and the cluster is 1.${kubernetes}: upgrade Kubernetes in between, or one of the two is unsupported meanwhile.`;
}

function direction(from: IstioRelease, to: IstioRelease, passed: readonly IstioMinor[]): readonly string[] {
  if (minorNumber(to.minor) < minorNumber(from.minor)) {
    return [`From ${from.minor} to ${to.minor} is a step back: istiod may not be older than the proxies, so the pods go back first.`];
  }
  if (passed.length === 0) return [`Both are Istio ${to.minor}: apiVersions, charts and features are those of one minor release.`];
  const steps = passed.map(({ minor }) => minor).join(", then ");
  const advice = "Pods get the new proxy when they start next; istiod may be one minor ahead of them, never behind.";
  if (passed.length === 1) return [`One minor ahead: ${from.minor} to ${to.minor}. ${advice}`];
  return [
    `${passed.length} minors ahead: a running control plane goes one at a time, to ${steps}, and its pods are started anew after each. ${advice}`,
  ];
}

function isOver({ row: { endOfLife: end } }: IstioRelease, today: string): boolean {
  return end !== undefined && end.date < today;
}

function endOfLife({ minor, row }: IstioRelease, today: string): string {
  const { minor: known, endOfLife: end, lastPatch } = row;
  const patch = `Newest patch known: ${lastPatch}.`;
  if (known !== minor) return `Istio ${minor} is newer than the catalogue, and rendered as ${known}.`;
  if (end === undefined) return `Istio ${minor}: no end of life is published. ${patch}`;
  const date = `${end.approximate ? "about " : ""}${end.date}`;
  return end.date < today
    ? `Istio ${minor} has not been supported since ${date}. ${patch}`
    : `Istio ${minor} is supported until ${date}. ${patch}`;
}

/** What a release brings that one before it had not, as far as users see it. */
const changes: readonly { readonly since: (row: IstioMinor) => boolean; readonly text: string }[] = [
  { since: ({ apiVersions }) => apiVersions.VirtualService.endsWith("/v1"), text: "Istio's objects are served as v1." },
  { since: ({ features }) => !features.operatorCrd, text: "The installers no longer bring the CRD of the IstioOperator." },
  {
    since: ({ features }) => !features.operatorInCluster,
    text: "The operator that runs in the cluster is gone: install by istioctl, Helm or GitOps.",
  },
  {
    since: ({ features }) => !features.retries503ByDefault,
    text: "Routes without retryOn no longer repeat a request that was answered 503.",
  },
  {
    since: ({ features }) => features.strictEjectionPercent,
    text: "maxEjectionPercent holds for the first pod too: of few pods none is ejected.",
  },
  {
    since: ({ features }) => features.nativeSidecarsByDefault,
    text: "Sidecars are native ones, init containers that keep running, on nodes with a kubelet of 1.33 or newer.",
  },
  {
    since: ({ charts }) => charts.istiodPrefix === "",
    text: "The values of the chart istiod stand without pilot. before them; the old ones still work.",
  },
  { since: ({ charts }) => charts.cniEnabled === "cni.enabled", text: "The chart istiod takes cni.enabled in place of istio_cni.enabled." },
  {
    since: ({ charts }) => charts.validationFailurePolicy,
    text: "The charts take base.validationFailurePolicy: no lasting difference in GitOps.",
  },
  {
    since: ({ features }) => features.registry === "registry.istio.io/release",
    text: "Images come from registry.istio.io/release, no longer from docker.io/istio: let mirrors and firewalls know.",
  },
];

function novelties(from: IstioMinor, to: IstioMinor): readonly string[] {
  return changes.filter(({ since }) => since(to) && !since(from)).map(({ text }) => text);
}
