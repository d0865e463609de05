/** How people log in to Kiali. */
export type KialiAuth =
  /** By a token of a service account: each sees what that account may see. */
  | "token"
  /** Not at all: whoever reaches it sees the whole mesh. */
  | "anonymous"
  /** By an OpenID provider. */
  | KialiOpenId;

/** An OpenID provider for Kiali. Its client secret is the key `oidc-secret` of the Secret `kiali` beside Kiali. */
export interface KialiOpenId {
  /** Kiali's own id at the provider. */
  readonly clientId: string;
  /** Address of the provider: `https://login.example.no/realms/platform`. */
  readonly issuer: string;
  /** What is asked of the provider. @default ["openid", "profile", "email"] */
  readonly scopes?: readonly string[];
  /** Claim that names the user. @default "sub" */
  readonly usernameClaim?: string;
  /**
   * Whether the API server knows the provider's users, so that each sees what Kubernetes lets them see. Otherwise everybody who logs in sees
   * what Kiali itself may.
   *
   * @default true
   */
  readonly kubernetesUsers?: boolean;
}

/** Grafana, for Kiali's links to it. */
export interface KialiGrafana {
  /** As people reach it: `https://grafana.example.no`. */
  readonly url: string;
  /** As Kiali reaches it: `http://grafana.monitoring:3000`. @default - `url` */
  readonly internalUrl?: string;
}

/** What Kiali is made of. */
export interface KialiProps {
  /** How people log in. Kiali's own samples say `"anonymous"`; here that is refused (MG0710) unless it is given a reason. @default "token" */
  readonly auth?: KialiAuth;
  /** Whether Kiali only shows. Otherwise people edit Istio's objects in it, past everything that is reviewed. @default true */
  readonly viewOnly?: boolean;
  /** Grafana, for links to it. @default - none */
  readonly grafana?: KialiGrafana;
  /** Whether Kiali's pods get a sidecar. It has to have one where Prometheus stands behind STRICT. @default false */
  readonly inMesh?: boolean;
  /**
   * Secret beside Kiali that its sessions are signed with. Without one the chart makes up a key at each rendering: with Argo CD that is a
   * difference each time, and everybody is logged out.
   *
   * @default - made up by the chart
   */
  readonly signingKey?: { readonly secret: string; readonly key: string };
}

/** What Kiali has to know of the tree. */
export interface KialiSurroundings {
  readonly prometheus: string;
  readonly rootNamespace: string;
}

/**
 * Values of the chart `kiali-server`, from Kiali 2.0 on, which finds control planes and revisions by itself.
 *
 * @see https://github.com/kiali/helm-charts/blob/v2.27/kiali-server/values.yaml
 */
export function kialiValues(props: KialiProps, { prometheus, rootNamespace }: KialiSurroundings): Readonly<Record<string, unknown>> {
  const { auth = "token", viewOnly = true, inMesh = false, grafana, signingKey } = props;
  return {
    auth: typeof auth === "string" ? { strategy: auth } : { strategy: "openid", openid: openId(auth) },
    deployment: {
      cluster_wide_access: true,
      ingress: { enabled: false },
      pod_labels: { "sidecar.istio.io/inject": `${inMesh}` },
      view_only_mode: viewOnly,
    },
    external_services: {
      grafana:
        grafana === undefined
          ? { enabled: false }
          : { enabled: true, external_url: grafana.url, internal_url: grafana.internalUrl ?? grafana.url },
      istio: { root_namespace: rootNamespace },
      prometheus: { url: prometheus },
      tracing: { enabled: false },
    },
    ...(signingKey !== undefined && { login_token: { signing_key: `secret:${signingKey.secret}:${signingKey.key}` } }),
  };
}

function openId({ clientId, issuer, scopes, usernameClaim, kubernetesUsers = true }: KialiOpenId): Readonly<Record<string, unknown>> {
  return {
    client_id: clientId,
    disable_rbac: !kubernetesUsers,
    issuer_uri: issuer,
    scopes: scopes ?? ["openid", "profile", "email"],
    username_claim: usernameClaim ?? "sub",
  };
}
