/** A way in which the library is stricter than Istio, and why it is. */
export interface Strictness {
  /** What is refused, in words. */
  readonly what: string;
  /** Problems that it is about, as `shapeOf` writes them. */
  readonly problems: RegExp;
  readonly because: string;
  /** Whether the check of files calls it an error too. @default - it warns, or says nothing */
  readonly alsoInFiles?: true;
}

/** All that only the library refuses. What is in no line here fails the test. */
export const strictness: readonly Strictness[] = [
  {
    what: "null",
    problems: /: got null,/,
    because: "A client-side apply leaves nulls out, a server-side apply is refused; nobody who builds an object by code means either.",
  },
  {
    what: "labels of a selector that no pod can carry",
    problems: /(?:matchLabels|selector|abels|annotations)\S*: got .* (?:expected a label (?:key|value)|63 letters)/,
    because: "Kubernetes refuses such a label on a pod: the selector finds none.",
  },
  {
    what: "a match, tag or body that says nothing",
    problems: /: got none, expected exactly one of/,
    because: "Istio reads it as one of anything, which is what nobody writes down on purpose.",
  },
  {
    what: "an empty list where a condition was to be",
    problems: /(?:rules\[\]\.(?:from|to|when)|hosts): got \[\], expected at least one item/,
    because: "An empty list is no condition: a policy allows or denies everything, a VirtualService is a delegate.",
  },
  {
    what: "a second item of which one is read",
    problems: /Telemetry spec\.tracing(?:\[\]\.providers)?: got \d+ items, expected at most 1/,
    because: "Istio reads the first tracing and its first provider, and drops the others in silence.",
  },
  {
    what: "two policies for one port",
    problems: /portLevelSettings\[\]\.port\.number: got \d+, expected a value that occurs once/,
    because: "Only one of them holds.",
  },
  {
    what: "a port that is none",
    problems: /port(?:\.number|s\[\])?: got .*, expected a (?:whole number from [01] to 65535|port from 1 to 65535)/,
    because: "No connection has port 0, and the text 080 is not 80 to Envoy.",
  },
  {
    what: "a share that is left out, or above all",
    problems: /(?:percentage\.value|percent): got .*, expected (?:a number from 0 to 100|0, or a number|a whole number from 0 to 100)/i,
    because: "Left out it is 0: nothing is mirrored or failed. Above 100 it is 100.",
  },
  {
    what: "a delay without its length",
    problems: /fixedDelay: got nothing/,
    because: "Nothing is delayed.",
  },
  {
    what: "TLS without a mode",
    problems: /tls\.mode: got nothing/,
    because: "It is DISABLE: mTLS is switched off by leaving a word out.",
  },
  {
    what: "a region of failover that is left out",
    problems: /failover\[\]\.(?:from|to): got nothing/,
    because: "There is no such region, so nothing fails over.",
  },
  {
    what: "an empty text in a list or field",
    problems: /: got "", expected (?:text that is not empty|an address|one of "CONNECT")/,
    because: "Istio reads it as one that is not written, or compares with nothing.",
  },
  {
    what: "a name of an object, namespace or gateway that nothing can have",
    problems: /: got .*, expected (?:a name of at most (?:63|253) characters|a gateway such as)/,
    because: "Kubernetes refuses the name, so the reference finds nothing.",
  },
  {
    what: "an address that no one can call",
    problems: /(?:jwksUri|spec\.url|template\.address|sourceSubnet|\.bind): got .*, expected (?:an address|the address of a module)/,
    because: "Istio parses it as Go does, or does not look, and then cannot fetch or match anything.",
  },
  {
    what: "the second name of a field",
    problems: /(?:jwks_uri|mirror_percent): unknown prop/,
    because: "An object is written one way; files that say it the other way are warned of.",
  },
  {
    what: "conditions of retries with zeros before a status",
    problems: /retryOn: got/,
    because: "A status has three digits.",
  },
  {
    what: "a status, table or number that Envoy refuses, or that nothing has",
    problems: /(?:\.status: got 600|httpStatus: got 600|tableSize: got 1,|consecutiveErrors: got -\d+)/,
    because: "Istio's borders are off by one, or not there.",
  },
  {
    what: "a duration below a millisecond",
    problems: /(?:ttl|idleTimeout): got .*, expected a duration/,
    because: "Envoy counts in milliseconds.",
  },
  {
    what: "hosts that differ in capitals only",
    problems: /hosts\[\]: got .*, which overlaps/,
    because: "Envoy reads them as one domain, and refuses it twice.",
  },
  {
    what: "a namespace of a listener in capitals",
    problems: /egress\[\]\.hosts\[\]: got .*, expected namespace\/host/,
    because: "No namespace has capitals.",
  },
  {
    what: "a key of a condition that only begins like one",
    problems: /when\[\]\.key: got .*, expected one of/,
    because: "Istio looks at how the key begins and ends, and makes a rule of it that never holds.",
  },
  {
    what: "a certificate without its key on a port that opens no TLS",
    problems: /tlsCertificates\[\]\.(?:serverCertificate|privateKey): got nothing/,
    because: "Half a certificate is a slip, even where Istio does not look at it yet.",
  },
  {
    what: "a word of an enumeration that is empty",
    problems: /: got "", expected one of/,
    because: "It stands for the default, which is left out.",
  },
  {
    what: "a pattern of a proxy's version",
    problems: /proxyVersion: got/,
    because: "Beside a waypoint Istio does not look at it, and of more than 1024 characters it takes none.",
    alsoInFiles: true,
  },
  {
    what: "a number that is not exact",
    problems: /: got \d{16,}, expected a whole number/,
    because: "Beyond 2^53 JavaScript does not know which number was meant.",
    alsoInFiles: true,
  },
];

/** Where only the library refuses: the line that says why; undefined for a problem in none. */
export function strictnessOf(problem: string, inFiles: boolean): Strictness | undefined {
  return strictness.find(({ problems, alsoInFiles = false }) => problems.test(problem) && (alsoInFiles || !inFiles));
}
