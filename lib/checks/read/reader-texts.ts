import type { Finding } from "../../core/finding";
import type { RuleText } from "../rule";
import { rulePagePath } from "../rule-page";

/** A document that is broken. */
const unreadable: RuleText = {
  code: "MG0010",
  title: "document that cannot be read",
  severity: "error",
  consequence:
    "Kubernetes refuses it. What it should have held was not checked, and what refers to it may be told as missing. All else was checked.",
  fix: "Mend the document at this place.",
  see: ["https://yaml.org/spec/1.1/"],
  example: {
    bad: `
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
  name: prices
`,
    good: `
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
`,
  },
};

/** A document that is something else. */
const noObject: RuleText = {
  code: "MG0011",
  title: "document that is no object of Kubernetes",
  severity: "note",
  consequence: "It was passed over: nothing in it was checked.",
  fix: "Leave the file out of the check, or give the object its apiVersion, kind and metadata.name.",
  example: {
    bad: `
replicaCount: 3
image: registry.example.no/shop/pricing:1.8.0
`,
    good: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: pricing
  namespace: shop
data:
  replicaCount: "3"
`,
  },
};

/** An object of a group of Istio's, of a kind that is not in it. */
const unknownKind: RuleText = {
  code: "MG0012",
  title: "kind that Istio does not have",
  severity: "warning",
  consequence: "The cluster refuses it: no release of Istio from 1.17 on has such a kind.",
  fix: "Correct kind and apiVersion, or replace the object where an older Istio had the kind.",
  see: ["https://istio.io/latest/docs/reference/config/"],
  example: {
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualServices
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing.example.no
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing.example.no
  http:
    - route:
        - destination:
            host: pricing.shop.svc.cluster.local
`,
  },
};

/** What a reader of files says, before any rule looks. */
export const readerTexts: readonly RuleText[] = [unreadable, noObject, unknownKind];

/** Something in a file that is no object of a cluster. */
export interface Unread {
  readonly file: string;
  readonly message: string;
}

/** A finding on a document that is broken. */
export function unreadableDocument(unread: Unread): Finding {
  return findingOf(unreadable, unread);
}

/** A finding on a document that is something else. */
export function otherDocument(unread: Unread): Finding {
  return findingOf(noObject, unread);
}

/** A finding on an object that Istio does not know. */
export function unknownIstioKind(unread: Unread): Finding {
  return findingOf(unknownKind, unread);
}

/** Whether a finding says that something could not be read. */
export function isUnreadable({ code, suppressed }: Finding): boolean {
  return code === unreadable.code && suppressed === undefined;
}

function findingOf({ code, severity, fix }: RuleText, { file, message }: Unread): Finding {
  return { code, severity, path: file, file, message, fix, link: rulePagePath(code) };
}
