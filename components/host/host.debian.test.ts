import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { composeMachine } from "./machine.ts";
import { renderCloudConfig } from "./user-data.ts";

const machine = composeMachine({
  hostname: "demo-postgres-fsn1-1",
  roles: [
    {
      name: "store",
      packages: ["postgresql-17"],
      files: [{ path: "/etc/store.conf", content: "x", owner: "postgres:postgres", mode: "0640" }],
      units: [
        { name: "store.service", content: "[Service]\nExecStart=/bin/sleep 9\n" },
        { name: "postgresql.service", state: "masked" },
      ],
      setup: ["install -d -o postgres /var/lib/postgresql/17"],
      openings: [{ port: 5432, from: ["app", "postgres"], purpose: 'SQL "all"' }],
      scrape: [{ job: "postgres", port: 9187 }],
      data: [{ path: "/var/lib/postgresql", owner: "postgres:postgres", sizeGb: 50 }],
    },
  ],
  privateRange: "10.0.0.0/16",
  privateAddress: "10.0.2.4/32",
  ranges: (role) => [`10.0.${role === "app" ? 1 : 2}.0/24`, `10.0.${role === "app" ? 17 : 18}.0/24`],
});
const file = (path: string): string => machine.cloudConfig.files.find((f) => f.path === path)!.content;

describeWithDebian("what every machine gets, read by the real programs", (debian) => {
  test("cloud-init takes the whole document", async () => {
    const { code, stdout, stderr } = await debian.run({
      files: { "/tmp/user-data": renderCloudConfig(machine.cloudConfig) },
      argv: ["cloud-init", "schema", "--config-file", "/tmp/user-data"],
    });
    expect(stdout + stderr).toContain("Valid schema");
    expect(code).toBe(0);
  });

  test("nftables takes the rules, and bash, sshd, apt and timesyncd their files", async () => {
    const paths = [
      "/etc/nftables.conf",
      "/usr/local/sbin/sovereign-first-boot",
      "/etc/ssh/sshd_config.d/50-sovereign.conf",
      "/etc/apt/apt.conf.d/52sovereign",
      "/etc/systemd/timesyncd.conf.d/sovereign.conf",
    ];
    const { code, stdout, stderr } = await debian.script({
      files: Object.fromEntries(paths.map((path) => [path, file(path)])),
      script: `set -e
nft -c -f /etc/nftables.conf
bash -n /usr/local/sbin/sovereign-first-boot
mkdir -p /run/sshd; ssh-keygen -A >/dev/null
sshd -t
sshd -T | grep -E '^(passwordauthentication|permitrootlogin) '
apt-config dump | grep -c 'Package-Blacklist::'
timeout 1 /usr/lib/systemd/systemd-timesyncd 2>&1 | grep -E 'Unknown key|Failed to parse' || true`,
    });
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n")).toEqual(["permitrootlogin without-password", "passwordauthentication no", "8"]);
    expect(code).toBe(0);
  });

  test("only root reaches the metadata service, and only listed ports are open", async () => {
    const { stdout } = await debian.script({
      files: { "/etc/nftables.conf": file("/etc/nftables.conf") },
      script: `
ip address add 169.254.169.254/32 dev lo
python3 -m http.server 80 --bind 169.254.169.254 >/dev/null 2>&1 & server=$!
sleep 0.5
ask() { setpriv --reuid "$1" curl -s -o /dev/null -m 2 -w '%{http_code}' http://169.254.169.254/ || true; }
echo "before: $(ask 65534)"
nft -f /etc/nftables.conf
nft -f /etc/nftables.conf
echo "root: $(ask 0)"
echo "others: $(ask 65534)"
kill $server
# A neighbour in a network of its own, once in the app subnet and once in none that is listed.
ip link add wire type veth peer name there
unshare --net sleep 20 & neighbour=$!
sleep 0.2
ip link set there netns $neighbour
ip address add 10.0.2.4/16 dev wire
ip link set wire up
for address in 10.0.1.9 10.0.3.9; do
  nsenter --net=/proc/$neighbour/ns/net sh -c "ip address flush dev there; ip address add $address/16 dev there; ip link set there up"
  for port in 5432 5433; do
    python3 -m http.server $port --bind 10.0.2.4 >/dev/null 2>&1 & listener=$!
    sleep 0.5
    echo "$address to $port: $(nsenter --net=/proc/$neighbour/ns/net curl -s -o /dev/null -m 1 -w '%{http_code}' http://10.0.2.4:$port/ || true)"
    kill $listener
  done
done
kill $neighbour`,
    });
    expect(stdout.trim().split("\n")).toEqual([
      "before: 200",
      "root: 200",
      "others: 000",
      "10.0.1.9 to 5432: 200",
      "10.0.1.9 to 5433: 000",
      "10.0.3.9 to 5432: 000",
      "10.0.3.9 to 5433: 000",
    ]);
  });

  test("the first boot formats a blank volume once, and touches no other", async () => {
    const { code, stdout, stderr } = await debian.script({
      files: {
        "/usr/local/sbin/sovereign-first-boot": { content: file("/usr/local/sbin/sovereign-first-boot"), mode: "0755" },
      },
      script: `
# What would need a machine: systemd and mounting. Everything that reads or writes the volume is real.
mkdir /shim; for name in systemctl mount udevadm; do ln -s /bin/true /shim/$name; done
ln -s /bin/false /shim/mountpoint
export PATH=/shim:$PATH
ip address add 10.0.2.4/32 dev lo
device=/dev/disk/by-id/scsi-0HC_Volume_1
mkdir -p /dev/disk/by-id
boot() { code=0; sovereign-first-boot >/tmp/log 2>&1 || code=$?; }
uuid() { blkid -p -o value -s "$1" $device; }
truncate -s 64M $device
boot; echo "blank: $code $(uuid TYPE) $(uuid LABEL) $(stat -c %U /var/lib/sovereign/var-lib-postgresql)"
first=$(uuid UUID)
truncate -s 96M $device; chown 4242:4242 /var/lib/sovereign/var-lib-postgresql
boot; echo "again: $code $([ "$first" = "$(uuid UUID)" ] && echo kept) $(grep -c LABEL=sovereign-data /etc/fstab)"
echo "larger: $(dumpe2fs -h $device 2>/dev/null | sed -n 's/^Block count: *//p') blocks, owner $(stat -c %U /var/lib/sovereign/var-lib-postgresql)"
rm $device; truncate -s 64M $device; mkfs.ext4 -q -L customers $device; sum=$(sha256sum < $device)
boot; echo "foreign: $code $([ "$sum" = "$(sha256sum < $device)" ] && echo untouched)"
grep 'first boot failed' /tmp/log
rm $device; truncate -s 64M $device; echo '2048,,L' | sfdisk -q $device; sum=$(sha256sum < $device)
boot; echo "partitioned: $code $([ "$sum" = "$(sha256sum < $device)" ] && echo untouched)"
touch /dev/disk/by-id/scsi-0HC_Volume_2
boot; echo "two: $code"
grep 'first boot failed' /tmp/log`,
    });
    expect(stdout.trim().split("\n")).toEqual([
      "blank: 0 ext4 sovereign-data postgres",
      "again: 0 kept 1",
      "larger: 98304 blocks, owner postgres",
      "foreign: 1 untouched",
      "first boot failed: /dev/disk/by-id/scsi-0HC_Volume_1 already holds data without the label sovereign-data: not touched",
      "partitioned: 1 untouched",
      "two: 1",
      "first boot failed: expected one volume, found: /dev/disk/by-id/scsi-0HC_Volume_1 /dev/disk/by-id/scsi-0HC_Volume_2",
    ]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });
});
