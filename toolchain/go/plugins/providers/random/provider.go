// Package random describes the random provider to the Pulumi bridge.
package random

import (
	"context"
	"errors"

	pfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	upstream "github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// Version is that of the npm package @pulumi/random; set by the linker.
var Version = "0.0.0"

// Provider returns the mapping of the provider's resources; metadata is what the generator wrote.
func Provider(metadata []byte) tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:            pfbridge.ShimProvider(upstream.New()),
		Name:         "random",
		Version:      Version,
		DisplayName:  "random",
		License:      "Apache-2.0",
		GitHubOrg:    "hashicorp",
		MetadataInfo: tfbridge.NewProviderMetadata(metadata),
		Resources: map[string]*tfbridge.ResourceInfo{
			"random_bytes": {ComputeID: bytesID},
		},
	}
	prefixed := func(module, name string) (string, error) {
		return tokens.MakeStandard("random")(module, "Random"+name)
	}
	info.MustComputeTokens(tokens.SingleModule("random_", "index", prefixed))
	return info
}

// Random bytes have no id of their own. The published plugin uses the bytes themselves as the id, which is not
// secret: it would put every seed in the plain state. A constant, as random_password has it, gives nothing away.
func bytesID(_ context.Context, state resource.PropertyMap) (resource.ID, error) {
	if _, ok := state["base64"]; !ok {
		return "", errors.New("random_bytes: the state has no base64 property")
	}
	return "none", nil
}
