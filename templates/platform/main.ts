import { environmentName } from "./environments";
import { platform } from "./platform";

// Checks the tree, writes manifests/ and artefacts/, and says what it wrote and found.
console.log(`${platform(environmentName(process.env.ENVIRONMENT ?? "production")).synth()}`);
