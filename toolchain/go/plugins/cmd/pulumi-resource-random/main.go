// Command pulumi-resource-random is the random plugin of the Pulumi engine.
package main

import (
	"context"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
	"github.com/terraform-providers/terraform-provider-random/sovereign/providers/random"
	"github.com/terraform-providers/terraform-provider-random/sovereign/providers/sidecar"
)

func main() {
	if sidecar.Generating() {
		tfgen.Main("random", random.Provider([]byte("{}")))
		return
	}
	schema, metadata := sidecar.Read()
	meta := tfbridge.ProviderMetadata{PackageSchema: schema}
	tfbridge.Main(context.Background(), "random", random.Provider(metadata), meta)
}
