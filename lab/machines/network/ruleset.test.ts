import { expect, test } from "vitest";
import type { FirewallRule } from "../../api/model.ts";
import { describeWithDebian } from "../../debian/testing.ts";
import type { Guard } from "./plan.ts";
import { renderRuleset } from "./ruleset.ts";

const ssh: FirewallRule = {
  direction: "in",
  protocol: "tcp",
  port: "22",
  source_ips: ["0.0.0.0/0", "2001:db8::/32"],
  destination_ips: [],
  description: null,
};
const dns: FirewallRule = {
  direction: "out",
  protocol: "udp",
  port: "53",
  source_ips: [],
  destination_ips: ["185.12.64.1/32", "185.12.64.2/32"],
  description: null,
};
const devices = new Map([
  [1, "p1"],
  [2, "p2"],
  [3, "lp3"],
]);
const internet: Guard = {
  devices,
  filtered: [
    { device: "p1", rules: [ssh] },
    { device: "p2", rules: [ssh, dns] },
  ],
  isPublic: true,
};
const inner: Guard = { devices: new Map([[1, "n1"]]), filtered: [], isPublic: false };

test("the internet's rules: cuts first, then connections, the host, and each server's firewalls", () => {
  expect(renderRuleset(internet, new Map([[2, { public: true }]]))).toMatchInlineSnapshot(`
    "table inet lab {}
    delete table inet lab
    table inet lab {
      chain cut-prerouting {
        type filter hook prerouting priority raw; policy accept;
        iifname { "p2" } drop
      }
      chain cut-postrouting {
        type filter hook postrouting priority raw; policy accept;
        oifname { "p2" } drop
      }
      chain forward {
        type filter hook forward priority filter; policy accept;
        ct state established,related accept
        oifname "uplink" reject with icmpx admin-prohibited
        iifname "p2" jump out-p2
        oifname "p1" jump in-p1
        oifname "p2" jump in-p2
      }
      chain in-p1 {
        meta nfproto ipv4 tcp dport 22 return
        ip6 saddr { 2001:db8::/32 } tcp dport 22 return
        drop
      }
      chain out-p2 {
        ip daddr { 185.12.64.1/32, 185.12.64.2/32 } udp dport 53 return
        drop
      }
      chain in-p2 {
        meta nfproto ipv4 tcp dport 22 return
        ip6 saddr { 2001:db8::/32 } tcp dport 22 return
        drop
      }
    }
    "
  `);
});

test("a private network filters nothing, but members can be cut off", () => {
  expect(renderRuleset(inner, new Map())).not.toContain("drop");
  expect(renderRuleset(inner, new Map([[1, { public: false }]]))).toMatchInlineSnapshot(`
    "table inet lab {}
    delete table inet lab
    table inet lab {
      chain cut-prerouting {
        type filter hook prerouting priority raw; policy accept;
        iifname { "n1" } drop
      }
      chain cut-postrouting {
        type filter hook postrouting priority raw; policy accept;
        oifname { "n1" } drop
      }
    }
    "
  `);
});

test("a cut is for the private networks unless it is for the internet too", () => {
  expect(renderRuleset(internet, new Map([[3, { public: false }]]))).not.toContain("lp3");
  expect(renderRuleset(internet, new Map([[3, { public: true }]]))).toContain('oifname { "lp3" } drop');
});

describeWithDebian("nft", (debian) => {
  test("takes the rules, also in place of others", async () => {
    const rulesets = [renderRuleset(internet, new Map([[1, { public: true }]])), renderRuleset(inner, new Map())];
    const { code, stderr } = await debian.script({
      files: { "/tmp/one.nft": rulesets[0]!, "/tmp/two.nft": rulesets[1]! },
      script: "nft -f /tmp/one.nft; nft -f /tmp/two.nft; nft -f /tmp/one.nft",
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });
});
