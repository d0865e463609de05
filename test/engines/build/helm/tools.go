//go:build tools

// Package tools pins what the engine tests build from Helm's module: go.mod says which release.
package tools

import _ "helm.sh/helm/v3/cmd/helm"
