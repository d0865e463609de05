import type { Rule } from "../../rule";
import { certificateProblem } from "./certificate-problem";
import { findSecret, gatewayCredentials } from "./gateway-credentials";

/** A public certificate, self-signed until 2056. */
const certificate = `
-----BEGIN CERTIFICATE-----
MIIBqDCCAU2gAwIBAgIUIev8E/Fko8Ub0Qr9Ksr9XT5BULIwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPc2hvcC5leGFtcGxlLm5vMCAXDTI2MTEyNzIxMzgzMFoYDzIw
NTYxMTE5MjEzODMwWjAaMRgwFgYDVQQDDA9zaG9wLmV4YW1wbGUubm8wWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAAR/6DRU2aI0LGbVsoT2gsWbNhNoeKaEZrrmdYPx
DS8YAaBGDbIPt5P3HqYsDFTy7z/X4pwCqz8qfjnopQ9egwkMo28wbTAdBgNVHQ4E
FgQUZD0RCatmRORrMI5VwAH9ZT3x6hgwHwYDVR0jBBgwFoAUZD0RCatmRORrMI5V
wAH9ZT3x6hgwDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgg9zaG9wLmV4YW1w
bGUubm8wCgYIKoZIzj0EAwIDSQAwRgIhAMzt5pNYu01Cm5CaiyRsu4hPDcB/Q1hJ
fwTgHD34OFxQAiEAimChABPSOUAgmhn6uoxCsJZItakzMKF8c6dsG5KOVAU=
-----END CERTIFICATE-----`;

/** A gateway can only show a certificate that it can read, and that is valid. */
export const invalidCredential: Rule = {
  code: "IST0161",
  title: "Secret of a Gateway without a valid certificate",
  severity: "error",
  consequence: "The gateway has no certificate to show, or one that clients refuse: TLS handshakes on this port fail.",
  fix: "Put a certificate and its key into the Secret, as tls.crt and tls.key, and renew it before it ends.",
  versions: { istioFrom: "1.18" },
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0161/",
    "https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/#key-formats",
  ],
  example: { bad: example("tls.cert"), good: example("tls.crt"), today: "2027-01-15" },
  *check(graph) {
    for (const credential of gatewayCredentials(graph)) {
      const secret = findSecret(graph, credential);
      const problem = secret === undefined ? undefined : certificateProblem(graph, secret);
      if (secret === undefined || problem === undefined) continue;
      const message = `Secret ${secret.namespace}/${secret.name} ${problem}.`;
      yield { object: credential.gateway, field: credential.field, message };
    }
  },
};

function example(key: string): string {
  return `
apiVersion: v1
kind: Secret
metadata:
  name: shop-tls
  namespace: istio-system
type: kubernetes.io/tls
stringData:
  ${key}: |${certificate.replaceAll("\n", "\n    ")}
  tls.key: not shown here
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: shop
  namespace: istio-system
spec:
  selector:
    istio: ingressgateway
  servers:
    - port:
        number: 443
        name: https
        protocol: HTTPS
      hosts:
        - shop.example.no
      tls:
        mode: SIMPLE
        credentialName: shop-tls
`;
}
