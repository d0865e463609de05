import { Config } from "@pulumi/pulumi";
import type { Stage } from "meshground/pulumi";
import { type EnvironmentName, environments } from "./environment";
import { ground, type Server } from "./ground";

const config = new Config();
const environment = config.require<EnvironmentName>("environment", { allowedValues: Object.keys(environments) as EnvironmentName[] });
const sudoPassword = config.getSecret("sudoPassword");
const kubeconfig = config.getSecret("kubeconfig");
const prometheus = config.get("prometheus");

const { hosts } = ground({
  environment,
  servers: config.requireObject<Server[]>("servers"),
  login: {
    user: config.require("user"),
    privateKey: config.requireSecret("privateKey"),
    ...(sudoPassword !== undefined && { sudoPassword }),
  },
  // Said by every stack: what a stack leaves out is deleted.
  stages: config.requireObject<Stage[]>("stages"),
  ...(kubeconfig !== undefined && { kubeconfig }),
  ...(prometheus !== undefined && { prometheus }),
});

/** What each server runs, as `pulumi stack output` shows it. */
export const kernels = Object.fromEntries(Object.entries(hosts).map(([name, { kernelRelease }]) => [name, kernelRelease]));
