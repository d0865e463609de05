import { createRequire } from "node:module";

/** vitest calls this once before all tests: synth and `meshground graph` put the page's program into what they write. */
export function setup(): void {
  const { ensurePage } = createRequire(__filename)("../../scripts/build-page.cjs") as { readonly ensurePage: () => void };
  ensurePage();
}
