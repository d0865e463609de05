const text = { type: "object", required: ["text"], additionalProperties: false, properties: { text: { type: "string", minLength: 1 } } };
const level = { enum: ["error", "warning", "note"] };
/** A reference to a URI without what no URI has. */
const uri = { type: "string", pattern: "^[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+$", not: { pattern: "\\\\" } };

const descriptor = {
  type: "object",
  required: ["id", "shortDescription", "fullDescription", "help", "defaultConfiguration"],
  additionalProperties: false,
  properties: {
    id: { type: "string" },
    shortDescription: text,
    fullDescription: text,
    help: { type: "object", required: ["text", "markdown"], properties: { text: { type: "string" }, markdown: { type: "string" } } },
    defaultConfiguration: { type: "object", additionalProperties: false, properties: { level } },
    properties: { type: "object", properties: { tags: { type: "array", uniqueItems: true, items: { type: "string" } } } },
  },
};

const location = {
  type: "object",
  additionalProperties: false,
  properties: {
    physicalLocation: {
      type: "object",
      required: ["artifactLocation"],
      additionalProperties: false,
      properties: {
        artifactLocation: {
          type: "object",
          required: ["uri"],
          additionalProperties: false,
          properties: { uri, uriBaseId: { type: "string" } },
        },
        region: {
          type: "object",
          required: ["startLine"],
          additionalProperties: false,
          properties: { startLine: { type: "integer", minimum: 1 }, startColumn: { type: "integer", minimum: 1 } },
        },
      },
    },
    logicalLocations: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        properties: { name: { type: "string" }, fullyQualifiedName: { type: "string" }, kind: { type: "string" } },
      },
    },
  },
};

const result = {
  type: "object",
  required: ["message", "ruleId", "level", "locations"],
  additionalProperties: false,
  properties: {
    ruleId: { type: "string" },
    ruleIndex: { type: "integer", minimum: 0 },
    level,
    message: text,
    locations: { type: "array", minItems: 1, items: location },
    partialFingerprints: { type: "object", additionalProperties: { type: "string" } },
    suppressions: {
      type: "array",
      items: {
        type: "object",
        required: ["kind"],
        additionalProperties: false,
        properties: { kind: { enum: ["inSource", "external"] }, justification: { type: "string" } },
      },
    },
  },
};

/**
 * What SARIF 2.1.0 says of the parts that a report of ours has: their names, types and ranges.
 *
 * No npm package carries the whole schema; the output was held against it once.
 */
export const sarifSchema: object = {
  type: "object",
  required: ["version", "runs"],
  additionalProperties: false,
  properties: {
    $schema: uri,
    version: { const: "2.1.0" },
    runs: {
      type: "array",
      items: {
        type: "object",
        required: ["tool", "results"],
        additionalProperties: false,
        properties: {
          tool: {
            type: "object",
            required: ["driver"],
            additionalProperties: false,
            properties: {
              driver: {
                type: "object",
                required: ["name"],
                additionalProperties: false,
                properties: {
                  name: { type: "string" },
                  version: { type: "string" },
                  rules: { type: "array", uniqueItems: true, items: descriptor },
                },
              },
            },
          },
          columnKind: { enum: ["utf16CodeUnits", "unicodeCodePoints"] },
          results: { type: "array", items: result },
        },
      },
    },
  },
};
