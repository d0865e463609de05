import { Construct, RootConstruct } from "constructs";
import { describe, expect, test } from "vitest";
import { artefacts, yieldArtefacts } from "../../lib/core/artefact";
import { addFinding, findings, recordAccepted, suppress, unaccepted } from "../../lib/core/finding";

const fault = { code: "MG0301", prop: "retries", message: "does not fit.", fix: "Lower it." };
const tree = (): { root: Construct; child: Construct } => {
  const root = new RootConstruct();
  return { root, child: new Construct(root, "child") };
};

describe("a fault", () => {
  test("is a problem of the input until its code is given a reason", () => {
    expect(unaccepted([fault])).toEqual([
      { path: "retries", message: 'does not fit. Lower it. (MG0301; to accept it: suppress: { MG0301: "why" })' },
    ]);
    expect(unaccepted([fault], { MG0301: "measured" })).toEqual([]);
    expect(unaccepted([fault], { MG0301: " " })).toHaveLength(1);
  });

  test("that was accepted stays in the report, with the reason", () => {
    const { root, child } = tree();
    recordAccepted(child, [fault], { MG0301: "measured" });
    expect(findings(root)).toEqual([
      { code: "MG0301", severity: "warning", path: "child", message: fault.message, fix: fault.fix, suppressed: "measured" },
    ]);
  });

  test("cannot be suppressed without a reason", () => {
    const { child } = tree();
    expect(() => suppress(child, "MG0301", " ")).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: child: 1 invalid prop
        MG0301: a suppression needs a reason.]
    `);
  });
});

test("findings and artefacts come in the order in which they were made, for the part of the tree that is asked for", () => {
  const { root, child } = tree();
  addFinding(child, { code: "MG0002", severity: "note", message: "b", fix: "" });
  addFinding(root, { code: "MG0001", severity: "note", message: "a", fix: "" });
  yieldArtefacts(child, () => [{ path: "b", content: "" }]);
  yieldArtefacts(root, () => [{ path: "a", content: "" }]);
  expect(findings(root).map(({ code }) => code)).toEqual(["MG0002", "MG0001"]);
  expect(artefacts(root).map(({ path }) => path)).toEqual(["b", "a"]);
  expect(findings(child).map(({ code }) => code)).toEqual(["MG0002"]);
  expect(artefacts(child).map(({ path }) => path)).toEqual(["b"]);
});
