#!/usr/bin/env node
import { provider } from "@pulumi/pulumi";
import { Host } from "../../hosts/host";
import { packageVersion } from "../package-version";
import { engineLog } from "./engine-log";
import { GroundProvider } from "./ground-provider";
import { HostAccess } from "./host-access";
import { HostKeyPairOperations } from "./host-key-pair-operations";
import { TunedHostOperations } from "./tuned-host-operations";

/** Hosts that the provider works on at once, unless the environment says another number. */
const hostsAtOnce = 8;

/** The engine starts the provider with flags of its own and, last, its address. */
const engineAddress = process.argv.slice(2).findLast((argument) => /^[\w.:[\]-]+:\d+$/.test(argument));

function atMost(setting: string | undefined): number {
  if (setting === undefined) return hostsAtOnce;
  const count = Number(setting);
  if (Number.isSafeInteger(count) && count >= 1 && count <= 256) return count;
  throw new Error(`MESHGROUND_PARALLEL_HOSTS: got ${JSON.stringify(setting)}, expected a whole number from 1 to 256.`);
}

const log = engineLog(engineAddress);
const hosts = new HostAccess((connection) => Host.connect(connection), atMost(process.env.MESHGROUND_PARALLEL_HOSTS));

provider.main(
  new GroundProvider(
    packageVersion,
    {
      "meshground:index:TunedHost": new TunedHostOperations(hosts, log),
      "meshground:index:HostKeyPair": new HostKeyPairOperations(),
    },
    () => hosts.cancel(),
  ),
  process.argv.slice(2),
);
