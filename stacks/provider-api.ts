import * as pulumi from "@pulumi/pulumi";
import type { ProviderApi } from "../components/load-balancer/health.ts";

/** As the provider's plugin finds it: configuration first, then the environment. */
export function providerApi(): ProviderApi {
  const config = new pulumi.Config("hcloud");
  return {
    endpoint: config.get("endpoint") ?? process.env.HCLOUD_ENDPOINT ?? "https://api.hetzner.cloud/v1",
    token: config.get("token") ?? process.env.HCLOUD_TOKEN ?? "",
  };
}
