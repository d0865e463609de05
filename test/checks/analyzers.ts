/** What one of Istio's analyzers can report. */
export interface Analyzer {
  readonly codes: readonly string[];
}

/** Istio's analyzers that look at manifests, by name. */
export const analyzers: Readonly<Record<string, Analyzer>> = {
  "annotations.K8sAnalyzer": { codes: ["IST0107", "IST0108", "IST0125", "IST0135"] },
  "authz.AuthorizationPoliciesAnalyzer": { codes: ["IST0101", "IST0127"] },
  "deployment.ApplicationUIDAnalyzer": { codes: ["IST0144"] },
  "deployment.ServiceAssociationAnalyzer": { codes: ["IST0116", "IST0137"] },
  "deprecation.FieldAnalyzer": { codes: ["IST0002"] },
  "destinationrule.CaCertificateAnalyzer": { codes: ["IST0128", "IST0129"] },
  "destinationrule.PodNotSelectedAnalyzer": { codes: ["IST0173", "IST0174"] },
  "envoyfilter.EnvoyPatchAnalyzer": { codes: ["IST0151", "IST0152", "IST0153", "IST0154", "IST0155"] },
  "gateway.CertificateAnalyzer": { codes: ["IST0138"] },
  "gateway.ConflictingGatewayAnalyzer": { codes: ["IST0101", "IST0145"] },
  "gateway.IngressGatewayPortAnalyzer": { codes: ["IST0101", "IST0162"] },
  "gateway.SecretAnalyzer": { codes: ["IST0101", "IST0161"] },
  "injection.ImageAutoAnalyzer": { codes: ["IST0146", "IST0147"] },
  "injection.Analyzer": { codes: ["IST0102", "IST0123"] },
  "k8sgateway.SelectorAnalyzer": { codes: ["IST0166"] },
  "maturity.AlphaAnalyzer": { codes: ["IST0136"] },
  "schemaValidation.CollectionValidationAnalyzer(collections.VirtualService)": { codes: ["IST0106", "IST0130", "IST0131", "IST0133"] },
  "service.PortNameAnalyzer": { codes: ["IST0118", "IST0150"] },
  "serviceentry.ConflictingServiceEntryProtocolAnalyzer": { codes: ["IST0177"] },
  "serviceentry.ProtocolAddressesAnalyzer": { codes: ["IST0134"] },
  "sidecar.SelectorAnalyzer": { codes: ["IST0101", "IST0110", "IST0111", "IST0167"] },
  "telemetry.DefaultSelectorAnalyzer": { codes: ["IST0160"] },
  "telemetry.LightstepAnalyzer": { codes: ["IST0002"] },
  "telemetry.ProviderAnalyzer": { codes: ["IST0157"] },
  "telemetry.SelectorAnalyzer": { codes: ["IST0101", "IST0159"] },
  "virtualservice.ConflictingMeshGatewayHostsAnalyzer": { codes: ["IST0109"] },
  "virtualservice.DestinationHostAnalyzer": {
    codes: ["IST0101", "IST0112", "IST0140"],
  },
  "virtualservice.DestinationRuleAnalyzer": { codes: ["IST0101"] },
  "virtualservice.GatewayAnalyzer": { codes: ["IST0101", "IST0132", "IST0165"] },
  "virtualservice.JWTClaimRouteAnalyzer": { codes: ["IST0149"] },
};
