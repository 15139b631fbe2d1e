import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { composeMachine } from "../host/machine.ts";
import { gatewayRole } from "./role.ts";
import { testSpec } from "./testing.ts";

const filterOf = (isLimited: boolean): string =>
  composeMachine({
    hostname: "shop-gateway-fsn1-1",
    roles: [gatewayRole(testSpec)],
    privateRange: "10.0.0.0/16",
    privateAddress: "10.0.6.4/32",
    ranges: () => ["10.0.4.0/24"],
    ...(isLimited ? { egress: { approved: [], resolvers: ["203.0.113.53"] } } : {}),
  }).cloudConfig.files.find((file) => file.path === "/etc/nftables.conf")!.content;

/** Answers each datagram with itself, as a name server would. */
const echo = `import socket, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("203.0.113.1", int(sys.argv[1])))
while True:
    data, peer = sock.recvfrom(100)
    sock.sendto(data, peer)
`;

/** Sends as many as it is told at once, from ports of their own, and prints how many were answered. */
const ask = `import select, socket, sys
host, port, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(50)]
answers = 0
def take(wait):
    global answers
    while ready := select.select(socks, [], [], wait)[0]:
        for sock in ready:
            sock.recv(100)
            answers += 1
for i in range(number):
    socks[i % 50].sendto(b"question", (host, port))
    if i % 50 == 49: take(0)
take(1)
print(answers)
`;

describeWithDebian("the packet filter of a name server, with real packets", (debian) => {
  test.each([false, true])(
    "questions of the public come in, a flood does not, and neither is remembered (egress limited: %s)",
    async (isLimited) => {
      const { stdout, stderr, code } = await debian.script({
        files: { "/etc/nftables.conf": filterOf(isLimited), "/echo.py": echo, "/ask.py": ask },
        timeoutMs: 58_000,
        script: `
id -u sovereign-egress >/dev/null 2>&1 || useradd --system sovereign-egress
ip link add wire type veth peer name there
unshare --net sleep 50 & neighbour=$!
sleep 0.3
ip link set there netns $neighbour
ip address add 203.0.113.1/24 dev wire
ip link set wire up
inside() { nsenter --net=/proc/$neighbour/ns/net "$@"; }
inside ip address add 203.0.113.9/24 dev there
inside ip address add 203.0.113.10/24 dev there
inside ip link set there up
nft -f /etc/nftables.conf
nft -f /etc/nftables.conf
python3 /echo.py 53 & python3 /echo.py 54 &
inside python3 -m http.server 443 --bind 203.0.113.9 >/dev/null 2>&1 &
python3 -m http.server 53 --bind 203.0.113.1 >/dev/null 2>&1 &
python3 -m http.server 8053 --bind 203.0.113.1 >/dev/null 2>&1 &
sleep 1
echo "a few: $(inside python3 /ask.py 203.0.113.1 53 100)"
echo "remembered: $(cat /proc/sys/net/netfilter/nf_conntrack_count)"
echo "another port: $(inside python3 /ask.py 203.0.113.1 54 1)"
flood=$(inside python3 /ask.py 203.0.113.1 53 5000)
[ "$flood" -ge 100 ] && [ "$flood" -lt 4000 ] && echo "flood: limited" || echo "flood: $flood"
echo "over TCP: $(inside curl -s -o /dev/null -m 2 -w '%{http_code}' http://203.0.113.1:53/ || true)"
echo "metrics from outside: $(inside curl -s -o /dev/null -m 2 -w '%{http_code}' http://203.0.113.1:8053/ || true)"
echo "health check: $(setpriv --reuid=pdns --clear-groups --regid=pdns curl -s -o /dev/null -m 2 -w '%{http_code}' http://203.0.113.9:443/ || true)"
echo "others outward: $(setpriv --reuid=65534 --clear-groups curl -s -o /dev/null -m 2 -w '%{http_code}' http://203.0.113.9:443/ || true)"
`,
      });
      expect(stderr).toBe("");
      expect(stdout.trim().split("\n")).toEqual([
        "a few: 100",
        expect.stringMatching(/^remembered: [0-5]$/),
        "another port: 0",
        "flood: limited",
        "over TCP: 200",
        "metrics from outside: 000",
        "health check: 200",
        `others outward: ${isLimited ? "000" : "200"}`,
      ]);
      expect(code).toBe(0);
    },
  );
});
