/** A project with something of everything that adoption reads. Names of resources are those that adoption gives them. */
import * as hcloud from "@pulumi/hcloud";

const number = (resource: { id: import("@pulumi/pulumi").Output<string> }) => resource.id.apply(Number);
const labels = { env: "production" };

const network = new hcloud.Network("office", { name: "office", ipRange: "10.0.0.0/16", labels });
const subnet = new hcloud.NetworkSubnet("office-10.0.1.0-24", {
  networkId: number(network),
  type: "cloud",
  networkZone: "eu-central",
  ipRange: "10.0.1.0/24",
});
new hcloud.NetworkRoute("office-route-10.9.0.0-24", {
  networkId: number(network),
  destination: "10.9.0.0/24",
  gateway: "10.0.1.9",
});

const key = new hcloud.SshKey("ops-laptop", {
  name: "ops laptop",
  publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMUbBFVlq0Np2bRlB1sZ5FcXHQ3tcyWbWCMlrGFwKzkX ops",
});
const group = new hcloud.PlacementGroup("spread", { name: "spread", type: "spread" });
const firewall = new hcloud.Firewall("web-firewall", {
  name: "web",
  rules: [
    { direction: "in", protocol: "tcp", port: "443", sourceIps: ["0.0.0.0/0", "::/0"], description: "https" },
    { direction: "in", protocol: "icmp", sourceIps: ["0.0.0.0/0"] },
  ],
});

const web = new hcloud.Server(
  "web",
  {
    name: "web",
    serverType: "cpx22",
    image: "debian-13",
    location: "fsn1",
    labels: { ...labels, role: "web" },
    userData: "#cloud-config\npackages: [nginx]\n",
    sshKeys: [key.name],
    placementGroupId: number(group),
    firewallIds: [number(firewall)],
  },
  { ignoreChanges: ["userData", "sshKeys"] },
);
const db = new hcloud.Server("db", {
  name: "db",
  serverType: "cpx32",
  image: "debian-13",
  location: "fsn1",
  labels: { role: "db" },
  backups: true,
  deleteProtection: true,
  rebuildProtection: true,
});
const inNetwork = [web, db].map(
  (server, at) =>
    new hcloud.ServerNetwork(
      `${["web", "db"][at]}-office`,
      { serverId: number(server), networkId: number(network), ip: `10.0.1.1${at}`, aliasIps: at ? ["10.0.1.50"] : [] },
      { dependsOn: [subnet] },
    ),
);

const volume = new hcloud.Volume("db-data", { name: "db-data", size: 20, location: "fsn1", deleteProtection: true });
new hcloud.VolumeAttachment("db-data-attachment", { volumeId: number(volume), serverId: number(db) });
new hcloud.Volume(
  "spare",
  { name: "spare", size: 10, location: "nbg1", format: "ext4" },
  { ignoreChanges: ["format"] },
);

const guard = new hcloud.Firewall("db-guard", {
  name: "db guard",
  rules: [{ direction: "in", protocol: "tcp", port: "22", sourceIps: ["203.0.113.0/24"] }],
});
new hcloud.FirewallAttachment("db-guard-attachment", { firewallId: number(guard), labelSelectors: ["role=db"] });

const floating = new hcloud.FloatingIp("entry", { name: "entry", type: "ipv4", homeLocation: "fsn1" });
new hcloud.FloatingIpAssignment("entry-assignment", { floatingIpId: number(floating), serverId: number(web) });
const spareIp = new hcloud.PrimaryIp("mail", {
  name: "mail",
  type: "ipv4",
  assigneeType: "server",
  location: "fsn1",
  autoDelete: false,
});
new hcloud.Rdns("mail-rdns", {
  primaryIpId: number(spareIp),
  ipAddress: spareIp.ipAddress,
  dnsPtr: "mail.example.eu",
});

const balancer = new hcloud.LoadBalancer("front", {
  name: "front",
  loadBalancerType: "lb11",
  location: "fsn1",
  algorithm: { type: "least_connections" },
});
const attached = new hcloud.LoadBalancerNetwork(
  "front-office",
  { loadBalancerId: number(balancer), networkId: number(network), ip: "10.0.1.5" },
  { dependsOn: [subnet] },
);
new hcloud.LoadBalancerService("front-80", {
  loadBalancerId: balancer.id,
  protocol: "http",
  listenPort: 80,
  destinationPort: 8080,
  healthCheck: {
    protocol: "http",
    port: 8080,
    interval: 10,
    timeout: 5,
    retries: 3,
    http: { path: "/health", statusCodes: ["2??"] },
  },
});
new hcloud.LoadBalancerService("front-5432", {
  loadBalancerId: balancer.id,
  protocol: "tcp",
  listenPort: 5432,
  destinationPort: 5432,
});
new hcloud.LoadBalancerTarget(
  "front-web",
  { loadBalancerId: number(balancer), type: "server", serverId: number(web), usePrivateIp: true },
  { dependsOn: [attached, ...inNetwork] },
);
new hcloud.LoadBalancerTarget(
  "front-role-db",
  { loadBalancerId: number(balancer), type: "label_selector", labelSelector: "role=db", usePrivateIp: true },
  { dependsOn: [attached, ...inNetwork] },
);

new hcloud.Snapshot("before-the-migration", { serverId: number(web), description: "before the migration" });

const zone = new hcloud.Zone("example.eu", { name: "example.eu", mode: "primary", ttl: 3600 });
new hcloud.ZoneRrset("example.eu-www-A", {
  zone: zone.name,
  name: "www",
  type: "A",
  ttl: 300,
  records: [{ value: "203.0.113.7" }, { value: "203.0.113.8", comment: "second" }],
});
new hcloud.ZoneRrset("example.eu-apex-TXT", {
  zone: zone.name,
  name: "@",
  type: "TXT",
  records: [{ value: '"v=spf1 -all"' }],
});
