import { defineConfig } from "vitest/config";

// `npm run synth` compiles the tests into build/ too: they are run from their source alone.
export default defineConfig({ test: { include: ["*.test.ts"] } });
