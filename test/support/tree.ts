import { App, Chart, Testing } from "cdk8s";
import type { Construct } from "constructs";
import {
  CanaryService,
  type CanaryServiceProps,
  MeshApp,
  type MeshAppProps,
  Release,
  StrictMtlsNamespace,
  type StrictMtlsNamespaceProps,
} from "meshground";
import type { Manifest } from "./examples";

/** The newest pair of releases that the tests use throughout. */
export const today = { istio: "1.30.3", kubernetes: "1.36" } as const;

/** An app for today's releases, or the given ones. */
export function meshApp(props: Partial<MeshAppProps> = {}): MeshApp {
  return new MeshApp({ ...today, ...props });
}

/** Every object of a tree, as cdk8s itself renders it. */
export function objectsOf(app: App): readonly Manifest[] {
  return app.charts.flatMap((chart) => Testing.synth(chart) as Manifest[]);
}

/** A namespace under an app of its own. */
export function namespace(props: StrictMtlsNamespaceProps = {}, app: App = meshApp()): StrictMtlsNamespace {
  return new StrictMtlsNamespace(app, "shop", props);
}

/** Two versions of one service, 95 to 5. */
export const twoVersions = Release.pinned({
  stable: { name: "v1", image: "registry.example.no/pricing:1.8.0" },
  canary: { name: "v2", image: "registry.example.no/pricing:2.0.0", weight: 5 },
});

/** A service with two versions. */
export function service(scope: Construct, id: string = "pricing", props: Partial<CanaryServiceProps> = {}): CanaryService {
  return new CanaryService(scope, id, { port: 8080, release: twoVersions, ...props });
}

/** A chart of a plain cdk8s app: no MeshApp anywhere. */
export function plainChart(namespaceName?: string): Chart {
  return new Chart(new App(), "chart", namespaceName === undefined ? {} : { namespace: namespaceName });
}
