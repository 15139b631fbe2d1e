// Command pulumi-resource-hcloud is the Hetzner Cloud plugin of the Pulumi engine.
package main

import (
	"context"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
	"github.com/terraform-providers/terraform-provider-random/sovereign/providers/hcloud"
	"github.com/terraform-providers/terraform-provider-random/sovereign/providers/sidecar"
)

func main() {
	if sidecar.Generating() {
		tfgen.MainWithMuxer("hcloud", hcloud.Provider([]byte("{}")))
		return
	}
	schema, metadata := sidecar.Read()
	tfbridge.MainWithMuxer(context.Background(), "hcloud", hcloud.Provider(metadata), schema)
}
