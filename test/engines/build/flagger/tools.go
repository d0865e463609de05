//go:build tools

// Package tools pins what the engine tests build from Flagger: go.mod says which release.
package tools

import _ "github.com/fluxcd/flagger/cmd/flagger"
