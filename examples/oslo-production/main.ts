import { MeshApp } from "meshground";
import { type EnvironmentName, environments } from "./environment";
import { platform } from "./platform";

const name = process.env.ENVIRONMENT ?? "production";
if (!(name in environments)) throw new Error(`ENVIRONMENT is ${JSON.stringify(name)}, expected ${Object.keys(environments).join(" or ")}`);

const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36", residency: ["NO"] });
platform(app, environments[name as EnvironmentName]);
console.log(`${app.synth()}`);
