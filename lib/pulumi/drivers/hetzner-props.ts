import type { Input } from "@pulumi/pulumi";
import type { HostConnectionArgs } from "../host-connection-args";

/** A port that the firewall of Hetzner's servers lets in. */
export interface HetznerPort {
  /** Range: 1 to 65535. */
  readonly port: number;
  /** @default "tcp" */
  readonly protocol?: "tcp" | "udp";
  /**
   * Addresses that it is open to, as CIDR blocks.
   *
   * @default - everybody
   */
  readonly from?: readonly string[];
}

/** Props of {@link hetzner}. */
export interface HetznerProps {
  /** Type of server, such as `"ccx33"`. Another one is an update that restarts the servers, one after the other. */
  readonly serverType: string;
  /** Where the servers stand. Must lie in the pool's country. */
  readonly location: "fsn1" | "nbg1" | "hel1" | "ash" | "hil" | "sin";
  /**
   * Image of new servers, with cloud-init. Servers that exist keep theirs.
   *
   * @default "debian-12"
   */
  readonly image?: string;
  /** Public key that root may log in with. Hetzner takes each key once in a project. */
  readonly publicKey: Input<string>;
  /**
   * How to log in: the private key that belongs to `publicKey`, or where it is.
   *
   * @default - the agent of the environment
   */
  readonly login?: Pick<HostConnectionArgs, "privateKey" | "privateKeyFile" | "passphrase" | "agent" | "jump">;
  /** Addresses that reach sshd and the API server, as CIDR blocks. The program itself must run at one of them. */
  readonly adminFrom: readonly string[];
  /**
   * Further ports that are open from outside: those of the ingress gateway.
   *
   * @default - none
   */
  readonly open?: readonly HetznerPort[];
  /**
   * Addresses of the private network. Must not overlap those of pods and services.
   *
   * @default "10.0.0.0/16"
   */
  readonly networkRange?: string;
  /**
   * Whether servers can be neither deleted nor rebuilt, by Pulumi, by the console or by the API, until this is false.
   *
   * @default true
   */
  readonly protect?: boolean;
}
