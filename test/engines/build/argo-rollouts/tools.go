//go:build tools

// Package tools pins what the engine tests build from Argo Rollouts: go.mod says which release.
package tools

import _ "github.com/argoproj/argo-rollouts/cmd/rollouts-controller"
