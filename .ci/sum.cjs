// Adds up the results of test runs: "N passed, N failed, N skipped". A run that left no result, or ran nothing, counts as one failure.
const { existsSync, readFileSync } = require("node:fs");

const sum = { passed: 0, failed: 0, skipped: 0 };
for (const file of process.argv.slice(2)) {
  const result = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { numPassedTests: 0, numFailedTests: 0, success: false };
  sum.passed += result.numPassedTests;
  sum.failed += result.numFailedTests;
  sum.skipped += (result.numPendingTests ?? 0) + (result.numTodoTests ?? 0);
  if (!result.success && result.numFailedTests === 0) sum.failed += 1;
}
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ""}\n`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
