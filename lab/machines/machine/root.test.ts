import { expect, test } from "vitest";
import { parse } from "yaml";
import { seedFiles, seedLinks } from "./root.ts";

const seed = {
  server: 7,
  hostname: "shop-app-1",
  userData: Buffer.from("secret"),
  authorizedKeys: ["ssh-ed25519 AAAA a"],
  nameservers: ["185.12.64.1", "185.12.64.2"],
};
const files = (more: object = {}) =>
  Object.fromEntries(seedFiles({ ...seed, ...more }).map((file) => [file.path, file]));

test("cloud-init finds the server's data beside it, and its user data is root's alone", () => {
  const seeded = files();
  expect(JSON.parse(String(seeded["/var/lib/cloud/seed/nocloud/meta-data"]?.content))).toEqual({
    "instance-id": "7",
    "local-hostname": "shop-app-1",
    "public-keys": ["ssh-ed25519 AAAA a"],
  });
  expect(seeded["/var/lib/cloud/seed/nocloud/user-data"]).toMatchObject({ content: seed.userData, mode: 0o600 });
  const config = String(seeded["/etc/cloud/cloud.cfg.d/90-lab.cfg"]?.content);
  // ds-identify, a shell script, wants it alone on its line.
  expect(config).toMatch(/^datasource_list: \[ NoCloud \]$/m);
  expect(parse(config)).toMatchObject({ network: { config: "disabled" }, disable_root: false });
});

test("names are asked of the provider's resolvers, and each machine has an id of its own", () => {
  expect(files()["/etc/resolv.conf"]?.content).toBe("nameserver 185.12.64.1\nnameserver 185.12.64.2\n");
  const id = () => String(files()["/etc/machine-id"]?.content);
  expect(id()).toMatch(/^[0-9a-f]{32}\n$/);
  expect(id()).not.toBe(id());
});

test("the lab's authority is trusted where programs look for one", () => {
  const trusting = files({ authority: { pem: "PEM\n", subjectHash: "abcd1234" } });
  expect(trusting["/etc/ssl/certs/abcd1234.0"]?.content).toBe("PEM\n");
  expect(trusting["/etc/ssl/certs/ca-certificates.crt"]).toMatchObject({ content: "PEM\n", append: true });
  expect(Object.keys(files()).filter((path) => path.includes("ssl"))).toEqual([]);
});

test("volumes are there before local file systems, and the lab makes the interfaces", () => {
  const links = seedLinks();
  expect(links["/etc/systemd/system/sysinit.target.wants/sovereign-lab.service"]).toBe("../sovereign-lab.service");
  expect(links["/etc/systemd/system/systemd-networkd.service"]).toBe("/dev/null");
});
