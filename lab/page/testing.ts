/** A cloud to look at, for tests: made through the API like any other. */

/** Sends a POST to a path below /v1 and gives the answer's body; throws when it is refused. */
// Answers have every shape.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Post = (path: string, body: object) => Promise<any>;

/** What a server's user data holds in tests, to be found nowhere. */
export const USER_DATA_SECRET = "hunter2-user-data";
/** The key by which a secondary zone is fetched in tests, to be found nowhere. */
export const TSIG_SECRET = Buffer.from("hunter2-tsig-key").toString("base64");

const ROLES = ["app", "app", "app", "postgres", "redis"] as const;
const LOCATIONS = ["fsn1", "nbg1", "hel1"] as const;
/** Servers in a network; the provider allows 100 attachments. */
const PER_NETWORK = 95;

/** A shop: a load balancer before app servers, databases with volumes, a firewall, DNS. Names begin with `shop-`. */
export async function buildShop(post: Post, servers: number): Promise<void> {
  const networks: number[] = [];
  for (let i = 0; i * PER_NETWORK < servers; i++) {
    const subnets = [1, 2].map((n) => ({
      type: "cloud",
      ip_range: `10.${i}.${n * 16}.0/20`,
      network_zone: "eu-central",
    }));
    const { network } = await post("/networks", { name: `shop-${i + 1}`, ip_range: `10.${i}.0.0/16`, subnets });
    networks.push(network.id);
  }
  await post("/firewalls", {
    name: "shop-public",
    rules: ["443", "80"].map((port) => ({
      direction: "in",
      protocol: "tcp",
      port,
      source_ips: ["0.0.0.0/0", "::/0"],
    })),
    apply_to: [{ type: "label_selector", label_selector: { selector: "stack=shop" } }],
  });
  for (let i = 0; i < servers; i++) await createServer(post, i, networks);
  await buildTraffic(post, networks[0]);
}

/** Creates server `i` of the shop; a database gets a volume. */
export async function createServer(post: Post, i: number, networks: readonly number[]): Promise<void> {
  const role = ROLES[i % ROLES.length]!;
  const location = LOCATIONS[i % LOCATIONS.length]!;
  const name = `shop-${role}-${location}-${i + 1}`;
  const network = networks[Math.floor(i / PER_NETWORK)];
  const { server } = await post("/servers", {
    name,
    server_type: "cpx22",
    image: "debian-13",
    location,
    networks: network === undefined ? [] : [network],
    labels: { stack: "shop", role },
    user_data: `#cloud-config\npassword: ${USER_DATA_SECRET}\n`,
  });
  if (role !== "postgres") return;
  await post("/volumes", { name: `${name}-data`, size: 50, server: server.id, format: "ext4" });
}

async function buildTraffic(post: Post, network: number | undefined): Promise<void> {
  const selector = { type: "label_selector", label_selector: { selector: "role=app" }, use_private_ip: true };
  await post("/load_balancers", {
    name: "shop",
    load_balancer_type: "lb31",
    location: "fsn1",
    network,
    targets: [selector],
    services: [
      { protocol: "http", listen_port: 80, destination_port: 8080 },
      {
        protocol: "tcp",
        listen_port: 443,
        destination_port: 8443,
        health_check: { protocol: "http", port: 8080, interval: 3, timeout: 2, retries: 2, http: { path: "/readyz" } },
      },
    ],
  });
  const rrsets = [
    { name: "@", type: "A", records: [{ value: "203.0.113.7" }] },
    { name: "www", type: "CNAME", records: [{ value: "shop-example.eu." }] },
    { name: "@", type: "CAA", records: [{ value: '0 issue "letsencrypt.org"' }] },
  ];
  await post("/zones", { name: "shop-example.eu", mode: "primary", rrsets });
  const nameserver = { address: "203.0.113.53", tsig_algorithm: "hmac-sha256", tsig_key: TSIG_SECRET };
  await post("/zones", { name: "old-example.eu", mode: "secondary", primary_nameservers: [nameserver] });
}
