export { yamlDocument, yamlDocuments } from "../synth/yaml";
