import { Config } from "@pulumi/pulumi";
import { MeshStack } from "meshground/pulumi";
import { shop } from "./shop";

// For a cluster that has Istio. What a stack leaves out is deleted: it names the same stages every time.
new MeshStack("shop", {
  app: shop(),
  kubeconfig: new Config().requireSecret("kubeconfig"),
  stages: ["namespaces", "policies", "services"],
});
