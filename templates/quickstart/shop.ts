import { CanaryService, MeshApp, Release, StrictMtlsNamespace } from "meshground";

/** The namespace `shop`, which takes nothing but mTLS, and one service in it, whose new version gets a share of the requests. */
export function shop(): MeshApp {
  const app = new MeshApp({ istio: "1.31.4", kubernetes: "1.36" });
  const namespace = new StrictMtlsNamespace(app, "shop", { stage: "strict" });
  new CanaryService(namespace, "pricing", {
    port: 8080,
    timeout: "2s",
    release: Release.pinned({
      stable: { name: "v1", image: "registry.example.no/pricing:1.8.0" },
      canary: { name: "v2", image: "registry.example.no/pricing:2.0.0", weight: 5 }, // percent
    }),
  });
  return app;
}
