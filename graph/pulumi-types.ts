/** Packages whose types have no `/type` in their module: made from a cloud's own schema, or by hand. */
const NATIVE: ReadonlySet<string> = new Set([
  "auto-deploy",
  "aws-apigateway",
  "aws-native",
  "awsx",
  "azure-native",
  "command",
  "docker-build",
  "eks",
  "gcp-native",
  "google-native",
  "kubernetes",
  "pulumi",
  "pulumiservice",
  "synced-folder",
]);

/**
 * The type token that the engine would register: programs may write `aws:s3:Bucket` and `hcloud:Server` for
 * `aws:s3/bucket:Bucket` and `hcloud:index/server:Server`. Without the provider's schema this goes by the rule that bridged
 * providers follow.
 */
export function canonicalType(token: string): string {
  const parts = token.split(":");
  const type = parts.at(-1)!;
  const module = parts.length === 2 ? "index" : parts[1]!;
  if (parts.length < 2 || parts.length > 3 || !type) return token;
  if (module.includes("/") || NATIVE.has(parts[0]!)) return [parts[0], module, type].join(":");
  return `${parts[0]}:${module}/${type[0]!.toLowerCase()}${type.slice(1)}:${type}`;
}
