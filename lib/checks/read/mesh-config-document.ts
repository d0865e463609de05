import { type Data, record } from "../fields";

/** Fields of Istio's MeshConfig, `mesh/v1alpha1/config.proto`, as the proto names them. */
const fields = `
  proxy_listen_port proxy_inbound_listen_port proxy_http_port connect_timeout hbone_idle_timeout protocol_detection_timeout tcp_keepalive
  ingress_class ingress_service ingress_controller_mode ingress_selector auth_policy enable_tracing access_log_file access_log_format
  access_log_encoding enable_envoy_access_log_service disable_envoy_listener_log default_config outbound_traffic_policy inbound_traffic_policy
  config_sources enable_auto_mtls trust_domain trust_domain_aliases ca_certificates default_service_export_to
  default_virtual_service_export_to default_destination_rule_export_to root_namespace locality_lb_setting zone_aware_lb_setting
  dns_refresh_rate h2_upgrade_policy inbound_cluster_stat_name outbound_cluster_stat_name certificates service_settings
  service_scope_configs enable_prometheus_merge verify_certificate_at_client ca extension_providers default_providers
  discovery_selectors path_normalization default_http_retry_policy mesh_mTLS tls_defaults default_traffic_policy service_entry_visibility
  thrift_config mixer_check_server mixer_report_server disable_policy_checks disable_mixer_http_reports sds_uds_path`
  .trim()
  .split(/\s+/);

const known: ReadonlySet<string> = new Set(fields.flatMap((field) => [field, camelCase(field)]));

/** Data of a document that is a MeshConfig: without a kind, and every field of it is one of MeshConfig's. */
export function meshConfigOf(data: unknown): Data | undefined {
  const fields = record(data);
  const names = Object.keys(fields);
  if (names.length === 0 || !names.every((name) => known.has(name))) return undefined;
  return meshConfigData(fields);
}

/** The data of a MeshConfig, its fields named as Istio's YAML does: the proto's own names are allowed as well. */
export function meshConfigData(data: Data): Data {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [camelCase(name), value]));
}

/** The text of the MeshConfig that a ConfigMap of Istio's control plane carries: that of `istio`, or of a revision, `istio-<revision>`. */
export function meshConfigText(data: Data): string | undefined {
  const { name = "" } = record(data.metadata);
  const { mesh } = record(data.data);
  const named = typeof name === "string" && /^istio(?:-|$)/.test(name);
  return data.kind === "ConfigMap" && named && typeof mesh === "string" ? mesh : undefined;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}
