import { expect, test } from "vitest";
import { nspawnArgv } from "./nspawn.ts";

test("a machine's command line", () => {
  const argv = nspawnArgv({
    name: "m7",
    hostname: "shop-app-1.example.eu",
    root: "/labs/a/machines/7/root",
    netns: "/run/netns/m7",
    labFolder: "/labs/a/machines/7/lab",
    devices: ["/dev/loop3", "/dev/loop4"],
  });
  expect(argv).toMatchInlineSnapshot(`
    [
      "systemd-nspawn",
      "--quiet",
      "--boot",
      "--register=no",
      "--keep-unit",
      "--settings=no",
      "--private-users=no",
      "--directory=/labs/a/machines/7/root",
      "--machine=m7",
      "--hostname=shop-app-1",
      "--network-namespace-path=/run/netns/m7",
      "--capability=CAP_NET_ADMIN",
      "--drop-capability=CAP_MKNOD",
      "--system-call-filter=@keyring bpf",
      "--resolv-conf=off",
      "--timezone=off",
      "--link-journal=no",
      "--console=read-only",
      "--bind-ro=/labs/a/machines/7/lab:/run/sovereign-lab",
      "--bind=/dev/loop3",
      "--bind=/dev/loop4",
    ]
  `);
});
