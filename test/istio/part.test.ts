import { Lazy } from "cdk8s";
import { expect, test } from "vitest";
import { bool, optional, port } from "../../lib/core/check";
import type { DestinationRuleSpec } from "../../lib/istio/destination-rule";
import { atLeastOneOf, dict, each, isDeferred, part } from "../../lib/istio/part";
import { someText } from "../../lib/istio/text";
import type { VirtualServiceSpec } from "../../lib/istio/virtual-service";
import { lines } from "./samples";

interface Door {
  readonly port: number;
  readonly open?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}
const door = part<Door>({ port, open: optional(bool), labels: optional(dict(someText, someText)) }, ({ port: number, open }, path) =>
  number === 22 && open === true ? [{ path, message: "stays shut." }] : [],
);

test("a part names what is missing, unknown and wrong, and then what does not go together", () => {
  expect(lines(door("door", { opn: true, open: 1, labels: { "a b": "" } }))).toMatchInlineSnapshot(`
    [
      "door.port: got nothing, expected a whole number from 1 to 65535.",
      "door.opn: unknown prop. Did you mean "open"?",
      "door.open: got 1, expected true or false.",
      "door.labels["a b"]: got "", expected text that is not empty.",
    ]
  `);
  expect(lines(door("door", { port: 22, open: true }))).toEqual(["door: stays shut."]);
  expect(lines(door("", { handle: 1, port: 1 }))).toMatchInlineSnapshot(`
    [
      "handle: unknown prop. Known: port, open, labels.",
    ]
  `);
  for (const value of [null, "x", 1, []]) expect(door("", value)).toHaveLength(1);
});

test("an undefined field is as one that is not there", () => {
  expect(door("", { port: 80, open: undefined, opn: undefined })).toEqual([]);
  expect(lines(door("", { port: undefined }))).toEqual(["port: got nothing, expected a whole number from 1 to 65535."]);
});

test("a list has its bounds, and names its items", () => {
  expect(lines(each(port, { min: 1, max: 2 })("ports", [80, 0]))).toEqual(["ports[1]: got 0, expected a whole number from 1 to 65535."]);
  expect([[], [1, 2, 3], {}, null].map((value) => each(port, { min: 1, max: 2 })("ports", value).length)).toEqual([1, 1, 1, 1]);
});

test("what is made at synth is deferred, and nothing else", () => {
  expect([Lazy.any({ produce: () => 1 }), { resolve: () => 1 }].map(isDeferred)).toEqual([true, true]);
  expect([undefined, null, "x", {}, { produce: "x" }, [], () => 1].map(isDeferred)).toEqual(Array(7).fill(false));
});

test("a rule counts what is there", () => {
  const rule = atLeastOneOf<Door>("open", "labels");
  expect(rule({ port: 1, open: false }, "")).toEqual([]);
  expect(lines(rule({ port: 1 }, "door"))).toEqual(["door: got none, expected at least one of open, labels."]);
});

test("types refuse what no cluster would take", () => {
  const specs: readonly object[] = [
    // @ts-expect-error a span of time has its unit
    { http: [{ timeout: "1 second" }] } satisfies VirtualServiceSpec,
    // @ts-expect-error a text is compared one way
    { http: [{ match: [{ uri: { suffix: "/x" } }] }] } satisfies VirtualServiceSpec,
    // @ts-expect-error a destination has a host
    { http: [{ route: [{ destination: { subset: "v1" } }] }] } satisfies VirtualServiceSpec,
    // @ts-expect-error a DestinationRule has a host
    { subsets: [] } satisfies DestinationRuleSpec,
    // @ts-expect-error there is no such mode
    { host: "pricing", trafficPolicy: { tls: { mode: "STRICT" } } } satisfies DestinationRuleSpec,
  ];
  expect(specs).toHaveLength(5);
});

test("a long list of faults takes no longer than its length", () => {
  const doors = each(door)("doors", Array(200_000).fill({ port: 0 }));
  expect(doors).toHaveLength(200_000);
  expect(lines(doors.slice(-1))).toEqual(["doors[199999].port: got 0, expected a whole number from 1 to 65535."]);
});
