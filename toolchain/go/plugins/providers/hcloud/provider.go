// Package hcloud describes the Hetzner Cloud provider to the Pulumi bridge.
package hcloud

import (
	"context"

	upstream "github.com/hetznercloud/terraform-provider-hcloud/hcloud"
	pfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
)

// Version is that of the npm package @pulumi/hcloud; set by the linker.
var Version = "0.0.0"

// Provider returns the mapping of the provider's resources; metadata is what the generator wrote.
func Provider(metadata []byte) tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:            pfbridge.MuxShimWithPF(context.Background(), shimv2.NewProvider(upstream.Provider()), upstream.NewPluginProvider()),
		Name:         "hcloud",
		Version:      Version,
		DisplayName:  "Hetzner Cloud",
		License:      "Apache-2.0",
		GitHubOrg:    "hetznercloud",
		MetadataInfo: tfbridge.NewProviderMetadata(metadata),
	}
	info.MustComputeTokens(tokens.SingleModule("hcloud_", "index", tokens.MakeStandard("hcloud")))
	declareStringIDs(&info)
	info.SetAutonaming(255, "-")
	return info
}

// Pulumi's ids are strings; some of the provider's are numbers.
func declareStringIDs(info *tfbridge.ProviderInfo) {
	for name, resource := range info.Resources {
		id, ok := info.P.ResourcesMap().Get(name).Schema().GetOk("id")
		if !ok || id.Type() == shim.TypeString {
			continue
		}
		if resource.Fields == nil {
			resource.Fields = map[string]*tfbridge.SchemaInfo{}
		}
		resource.Fields["id"] = &tfbridge.SchemaInfo{Type: "string"}
	}
}
