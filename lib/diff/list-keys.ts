/** A merge key: paths of the fields that together tell one item of a list from the others. The first has to be there in every item. */
export type MergeKey = readonly [first: string, ...more: string[]];

/**
 * Merge keys by the name of the list, best first: the one that people know an item by, else the one that Kubernetes or Istio go by.
 *
 * A key counts only where every item has it and no two share it.
 */
const keysOf: ReadonlyMap<string, readonly MergeKey[]> = new Map<string, readonly MergeKey[]>([
  ["ports", [["name"], ["containerPort", "protocol"], ["port", "protocol"], ["number", "protocol"]]],
  ["volumeMounts", [["mountPath"]]],
  ["volumeDevices", [["devicePath"]]],
  ["hostAliases", [["ip"]]],
  ["topologySpreadConstraints", [["topologyKey", "whenUnsatisfiable"]]],
  ["conditions", [["type"]]],
  ["ownerReferences", [["uid"]]],
  ["subjects", [["name", "kind", "namespace"]]],
  ["paths", [["path", "pathType"]]],
  ["http", [["name"], ["match"]]],
  ["tls", [["name"], ["match"]]],
  ["tcp", [["name"], ["match"]]],
  ["route", [["destination.host", "destination.subset", "destination.port.number"]]],
  ["servers", [["port.name"], ["port.number"]]],
  ["portLevelSettings", [["port.number"]]],
  ["endpoints", [["address"]]],
  ["rules", [["name"], ["alert"], ["record"], ["host"]]],
  ["write_files", [["path"]]],
  ["documents", [["kind", "metadata.name"]]],
]);

/** Names that lists are told apart by where nothing says otherwise. */
const usual: readonly MergeKey[] = [["name"], ["id"], ["uid"], ["key"]];

/** Lists of texts in which order means nothing. */
const sets: ReadonlySet<string> = new Set(
  `accessModes addresses apiGroups exportTo finalizers gateways hosts ipBlocks methods namespaces nonResourceURLs notHosts notIpBlocks
  notMethods notNamespaces notPaths notPorts notPrincipals notRemoteIpBlocks notRequestPrincipals paths policyTypes ports principals
  remoteIpBlocks requestPrincipals resourceNames resources serviceAccounts subjectAltNames values verbs`.split(/\s+/),
);

/** Merge keys that a list of this name may have, best first. */
export function mergeKeys(list: string): readonly MergeKey[] {
  return keysOf.get(list) ?? usual;
}

/** Whether a list of texts of this name is a set. */
export function isSet(list: string): boolean {
  return sets.has(list);
}
