import { expect, test } from "vitest";
import { collidingRoute, collisionMessage, renderHostUplink, renderLabUplink, uplinkDevice } from "./uplink.ts";

test("a route within the lab's range, of the same range or around it collides", () => {
  for (const dst of ["198.18.0.0/15", "198.18.7.0/24", "198.19.255.254", "198.16.0.0/12"]) {
    expect(collidingRoute([{ dst: "default" }, { dst, dev: "x0" }]), dst).toEqual({ dst, dev: "x0" });
  }
});

test("other routes, default routes and a VPN's halves of everything do not collide", () => {
  const routes = [
    "default",
    "192.0.2.0/24",
    "198.20.0.0/16",
    "198.17.255.255",
    "128.0.0.0/1",
    "127.0.0.0/8",
    "10.0.0.1",
  ];
  expect(collidingRoute(routes.map((dst) => ({ dst, dev: "eth0" })))).toBeUndefined();
});

test("the message names the other lab, or the device of whatever else it is", () => {
  const devices = [{ ifname: "svlab0", ifalias: "lab trial" }, { ifname: "eth0" }];
  expect(collisionMessage({ dst: "198.18.0.0/15", dev: "svlab0" }, devices)).toMatchInlineSnapshot(
    `"the lab's public addresses, 198.18.0.0/15, cannot be reached from this machine: it routes 198.18.0.0/15 already, by another lab (lab trial), at its device svlab0: stop that lab first"`,
  );
  expect(collisionMessage({ dst: "198.18.0.0/16", dev: "eth0" }, devices)).toMatchInlineSnapshot(
    `"the lab's public addresses, 198.18.0.0/15, cannot be reached from this machine: it routes 198.18.0.0/16 already, to its device eth0 by something else: remove that route while the lab runs"`,
  );
  expect(collisionMessage({ dst: "198.18.0.0/16" }, devices)).toMatchInlineSnapshot(
    `"the lab's public addresses, 198.18.0.0/15, cannot be reached from this machine: it routes 198.18.0.0/16 already, by something else: remove that route while the lab runs"`,
  );
});

test("the host's device has a name that nothing else has", () => {
  expect(uplinkDevice(["lo", "eth0"])).toBe("svlab0");
  expect(uplinkDevice(["svlab0", "svlab2"])).toBe("svlab1");
});

test("both ends as iproute2 takes them", () => {
  expect(renderHostUplink("svlab0", "lab trial")).toMatchInlineSnapshot(`
    "link add name svlab0 type veth peer name uplink netns public
    link set dev svlab0 alias "lab trial" addrgenmode none
    address add 198.19.255.254/32 dev svlab0
    link set dev svlab0 up
    route add 198.19.255.253/32 dev svlab0 src 198.19.255.254
    route add 198.18.0.0/15 via 198.19.255.253 dev svlab0 onlink src 198.19.255.254
    "
  `);
  expect(renderLabUplink()).toMatchInlineSnapshot(`
    "link set dev uplink addrgenmode none
    address add 198.19.255.253/32 dev uplink
    link set dev uplink up
    route add 198.19.255.254/32 dev uplink
    "
  `);
});
