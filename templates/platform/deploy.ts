import { Config } from "@pulumi/pulumi";
import { MeshStack, type Stage, ssh } from "meshground/pulumi";
import { environmentName } from "./environments";
import { platform } from "./platform";

/** A server, as its vendor hands it over. */
interface Server {
  readonly name: string;
  readonly address: string;
  /** From the server's own console, not from the network. */
  readonly hostKey: string;
}

const config = new Config();
const environment = environmentName(config.require("environment"));
const login = { user: config.require("user"), privateKey: config.requireSecret("privateKey") };
const servers = config.requireObject<Server[]>("servers").map((server) => ({ ...server, ...login }));
const kubeconfig = config.getSecret("kubeconfig");

new MeshStack(environment, {
  app: platform(environment),
  machines: { oslo: ssh(servers) },
  // Said by every stack: what a stack leaves out is deleted.
  stages: config.requireObject<Stage[]>("stages"),
  ...(kubeconfig !== undefined && { kubeconfig }),
});
