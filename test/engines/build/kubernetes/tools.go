//go:build tools

// Package tools pins what the engine tests build from Kubernetes: a release inside the range that the tested Istio supports.
package tools

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kubeadm"
)
