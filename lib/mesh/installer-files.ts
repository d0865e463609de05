import type { Artefact } from "../core/artefact";
import { yamlDocument } from "../core/yaml";
import { helmCommands, helmReleases, valuesFile } from "./helm-values";
import type { Installation } from "./installation";
import { istioOperator } from "./istio-operator";

/** What istioctl and Helm need to install a control plane, and how to call them. */
export function installerFiles(installation: Installation): readonly Artefact[] {
  const folder = `istio/${installation.name}`;
  return [
    { path: `${folder}/istio-operator.yaml`, content: yamlDocument(istioOperator(installation)) },
    ...helmReleases(installation).map(({ name, values }) => ({ path: `${folder}/${valuesFile(name)}`, content: yamlDocument(values) })),
    { path: `${folder}/INSTALL.md`, content: instructions(installation) },
  ];
}

function instructions(installation: Installation): string {
  const { istio, kubernetes } = installation.releases;
  return `# Installing ${installation.name}

Istio ${istio.text} on Kubernetes ${kubernetes.text}. Choose one of the two installers and stay with it: both write the same objects.

The manifests come after it: they need Istio's CRDs. Secrets that gateways name must be in namespace ${installation.namespace} by then.

## istioctl

\`istio-operator.yaml\` is istioctl's input. The cluster itself does not know the kind.

\`\`\`sh
istioctl install --filename istio-operator.yaml
\`\`\`

## Helm

In this order. The same commands upgrade later.

\`\`\`sh
${helmCommands(installation).join("\n")}
\`\`\`
`;
}
