import type { VerdictWord } from "../../review/model.ts";

/** What each preview must come to. See README.md for how they were made. */
export interface Golden {
  readonly file: string;
  readonly verdict: VerdictWord;
  /** Each must stand in one of the reasons of that weight or heavier; none listed: there may be none. */
  readonly reasons?: readonly RegExp[];
  /** Names in the guard, in any order. */
  readonly guard?: readonly string[];
  /** `+` of the monthly bill, EUR. */
  readonly delta?: number;
  /** Names of resources that an approval is given for. */
  readonly approved?: readonly string[];
  /** What policy-settings.yaml says. */
  readonly settings?: object;
}

/** What a hybrid deployment has to say of itself: its own names, and what may stand outside the EU. */
const ofHybrid = { ownDomains: ["example.eu"], flexibleClasses: ["public", "static", "telemetry-free-tooling"] };

export const golden: readonly Golden[] = [
  { file: "shop-first", verdict: "safe", delta: 94.32 },
  { file: "shop-nothing", verdict: "safe", delta: 0 },
  { file: "shop-scale-out", verdict: "safe", delta: 39.98 },
  { file: "shop-scale-in", verdict: "needs approval", reasons: [/^web-2: It is deleted/], delta: -19.99 },
  { file: "shop-scale-in", verdict: "safe", approved: ["web-2"] },
  { file: "shop-server-type", verdict: "needs approval", reasons: [/web-1.*powered off/], delta: 32 },
  {
    file: "shop-server-type",
    verdict: "needs approval",
    reasons: [/^web-1: The server is powered off/],
    approved: ["web-2"],
  },
  { file: "shop-server-type", verdict: "safe", approved: ["web-1", "web-2"] },
  {
    file: "shop-database-server-type",
    verdict: "needs approval",
    reasons: [/^database-1: The server is powered off/],
    delta: 43,
  },
  // Made anew before the old ones go: nobody notices.
  { file: "shop-image", verdict: "safe", delta: 0 },
  { file: "shop-release", verdict: "safe" },
  {
    file: "shop-database-image",
    verdict: "refused",
    reasons: [/^database-1 is replaced, because image changes/, /^database-1: It is deleted before it is made anew/],
    guard: ["database-1"],
  },
  { file: "shop-database-image", verdict: "safe", guard: ["database-1"], approved: ["database-1"] },
  {
    file: "shop-plain.json",
    verdict: "refused",
    reasons: [/^database-1 is replaced, because image changes/],
    guard: ["database-1"],
  },
  {
    file: "shop-ssh-key",
    verdict: "refused",
    reasons: [/^database-1 is replaced, because sshKeys changes/],
    guard: ["database-1"],
  },
  {
    file: "shop-location",
    verdict: "refused",
    reasons: [
      /^database-data is replaced, because location changes/,
      /Hetzner Cloud hel1 \(Helsinki, Finland\) is a new place/,
    ],
    guard: ["database-1", "database-data"],
  },
  // Both are decided; the volume's new place is announced by naming all that brings it.
  {
    file: "shop-location",
    verdict: "safe",
    guard: ["database-1", "database-data"],
    approved: ["database-1", "database-data"],
  },
  {
    file: "shop-location",
    verdict: "refused",
    reasons: [/^database-data is replaced/],
    guard: ["database-1", "database-data"],
    approved: ["database-1"],
  },
  {
    file: "shop-network-range",
    verdict: "needs approval",
    reasons: [/^shop.*made anew/, /^database-1: The server is detached/],
  },
  { file: "shop-volume-size", verdict: "safe", delta: 1.72 },
  {
    file: "shop-volume-deleted",
    verdict: "refused",
    reasons: [/^database-data is deleted; .*files on the volume \(personal data\)/],
    guard: ["database-data"],
    delta: -2.86,
  },
  {
    file: "shop-protection-lifted",
    verdict: "refused",
    reasons: [
      /database-data holds the files on the volume, and nothing protects it/,
      /^database-1 loses its protection/,
    ],
    guard: ["database-data", "database-1"],
  },
  {
    file: "shop-password",
    verdict: "refused",
    reasons: [/^database-password is replaced, because length/, /^database-1 is replaced, because userData/],
    guard: ["database-password", "database-1"],
  },
  {
    file: "shop-database-deleted",
    verdict: "refused",
    guard: ["database-1", "database-data", "database-password"],
    reasons: [/^database-data is deleted/],
  },
  {
    file: "shop-database-renamed",
    verdict: "refused",
    guard: ["database-1", "database-data", "database-password"],
    reasons: [/^database-1 is deleted/],
  },
  { file: "shop-renamed", verdict: "refused", guard: ["web-balancer"], reasons: [/^web-balancer is deleted/] },
  { file: "shop-renamed-with-alias", verdict: "safe", delta: 0 },
  { file: "shop-labels", verdict: "safe", delta: 0 },
  { file: "shop-backups", verdict: "safe", delta: 7.8 },
  { file: "shop-balancer-port", verdict: "needs approval", reasons: [/^web-https: Requests go to another port/] },
  {
    file: "shop-balancer-type",
    verdict: "needs approval",
    reasons: [/^web-balancer is updated in place, and whether/],
    delta: 14,
  },
  { file: "shop-firewall", verdict: "refused", reasons: [/shop lets the internet .* in at port 22/] },
  { file: "shop-third-party", verdict: "refused", reasons: [/Sentry/, /is a new third party/] },
  { file: "shop-server-outside", verdict: "refused", reasons: [/ash .* is outside the EU/, /ash .* is a new place/] },
  {
    file: "shop-destroy",
    verdict: "refused",
    guard: ["database-1", "database-data", "database-password", "entrance", "web-balancer"],
    reasons: [/^entrance is deleted/],
  },
  { file: "shop-read-missing", verdict: "refused", reasons: [/^The preview failed, .*Resource not found/] },
  { file: "single-region-scale-out", verdict: "safe", delta: 71.98 },
  {
    file: "single-region-server-type-postgres",
    verdict: "needs approval",
    reasons: [/single-region-postgres-fsn1-1.*powered off/],
    delta: 129,
  },
  { file: "single-region-release", verdict: "safe", delta: 0 },
  { file: "single-region-parameters", verdict: "safe", delta: 0 },
  { file: "single-region-generation", verdict: "refused", reasons: [/^The preview failed, .*protect/] },
  { file: "single-region-volume-size", verdict: "safe", delta: 1.72 },
  {
    file: "single-region-certificate",
    verdict: "refused",
    reasons: [/takes traffic without TLS/, /^single-region-load-balancer: It is deleted before it is made anew/],
  },
  {
    file: "single-region-renamed-component",
    verdict: "refused",
    reasons: [/redis-sessions-password is deleted/, /^single-region-redis-fsn1-1.*placement group/],
    guard: ["sessions", "cache", "monitor", "sentinel", "replication"].map(
      (name) => `single-region-redis-redis-${name}-password`,
    ),
  },
  {
    file: "single-region-network-range",
    verdict: "refused",
    reasons: [/^The preview failed, .*protect/, /^single-region is replaced, because ipRange changes/],
    guard: ["single-region"],
  },
  {
    file: "single-region-protection-lifted",
    verdict: "needs approval",
    reasons: [/^single-region-postgres-fsn1-1 loses its protection/],
    guard: ["single-region-postgres-fsn1-1"],
  },
  // Two locations more: nothing with data is touched, what is new is announced.
  {
    file: "multi-region-from-single-region",
    verdict: "needs approval",
    reasons: [/nbg1 .* is a new place/, /hel1 .* is a new place/],
    delta: 337.89,
  },
  { file: "multi-region-scale-out", verdict: "safe", delta: 107.97 },
  {
    file: "multi-region-location-dropped",
    verdict: "refused",
    reasons: [/^The preview failed, .*cannot be deleted.*protected/s, /^webshop-load-balancer-hel1 is deleted/],
    guard: [
      "webshop-load-balancer-hel1",
      "webshop-redis-hel1-redis-replication-password",
      "webshop-redis-hel1-redis-sentinel-password",
    ],
  },
  // Three nodes of Postgres in the first location: two give up their votes, and keep their machines and volumes as they are.
  {
    file: "multi-region-from-three-nodes",
    verdict: "needs approval",
    reasons: [/nbg1 .* is a new place/, /hel1 .* is a new place/],
    delta: 337.89,
  },
  // An edge site in Ashburn takes nothing of the core: the place has to be announced, and is fine for static content only.
  {
    file: "hybrid-from-multi-region",
    verdict: "needs approval",
    reasons: [/ash .* is a new place/],
    settings: ofHybrid,
  },
  {
    file: "hybrid-from-multi-region",
    verdict: "refused",
    reasons: [
      /^2 findings refuse, new with this update/,
      /ash .* is a new place/,
      /shop\.example\.eu .*new third party/,
    ],
  },
  // The edge's machine is labelled with a class of the core.
  {
    file: "hybrid-leak-edge-class",
    verdict: "refused",
    reasons: [/webshop-edge-ash-1 holds personal data and stands in ash, outside the EU/],
    settings: ofHybrid,
  },
  // A release of the core begins to send errors to a third party: no boundary of the program's own knows who that is.
  {
    file: "hybrid-leak-third-party",
    verdict: "refused",
    reasons: [/^1 finding refuses, new .*Sentry/, /Sentry.* is a new third party/],
    settings: ofHybrid,
  },
  // App servers and the edge go; what holds data stays in the locations that are retained.
  {
    file: "hybrid-to-single-region",
    verdict: "needs approval",
    reasons: [/webshop-app-hel1-1.*: It is deleted/],
    delta: -143.96,
    settings: ofHybrid,
  },
  {
    file: "composed-aws-database-zone",
    verdict: "refused",
    guard: ["orders"],
    reasons: [/^orders is replaced, because availabilityZone changes; .*the database \(personal data\)/],
  },
  { file: "composed-aws-tags", verdict: "refused", reasons: [/finding.*as before this update/] },
  {
    file: "composed-azure-storage-deleted",
    verdict: "refused",
    guard: ["files"],
    reasons: [/^files is deleted; lost with it: what the account stores/],
  },
  {
    file: "composed-google-database-moved",
    verdict: "refused",
    guard: ["ledger"],
    reasons: [/^ledger is replaced, because region changes/, /us-central1 .* is a new place/],
  },
  {
    file: "composed-hybrid-leak",
    verdict: "refused",
    reasons: [/us-east-1 .* is outside the EU/, /us-east-1 .* is a new place/],
  },
  {
    file: "composed-kubernetes-claim",
    verdict: "refused",
    guard: ["data"],
    reasons: [/^data is replaced, because spec.storageClassName changes/],
  },
  { file: "composed-scaleway-renamed", verdict: "refused", guard: ["media"], reasons: [/^media is deleted/] },
  {
    file: "composed-unknown-provider",
    verdict: "needs approval",
    guard: ["archive"],
    reasons: [/^archive is deleted, and whether/],
  },
  { file: "composed-unknown-provider", verdict: "safe", guard: ["archive"], approved: ["archive"] },
];
