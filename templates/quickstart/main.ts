import { shop } from "./shop";

// Checks the tree, writes manifests/ and artefacts/, and says what it wrote and found.
console.log(`${shop().synth()}`);
