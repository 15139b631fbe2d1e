import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { explainSsh, sshArguments } from "./ssh.ts";

const address = "198.51.100.7";
const words = ["printf", "%s|", "a b", "$HOME", "it's", "`id`", ""];

/** A call of ssh as a line of shell. */
function call(checking: "yes" | "accept-new", to = address, argv: readonly string[] = words): string {
  const args = sshArguments(to, argv, {
    known: "/root/known hosts",
    user: "/root/none",
    checking,
    identity: "/root/key",
  });
  return ["ssh", ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** A machine that lets in one key, and that may get another host key, as one that was made anew has. */
const ground = `
ip address add ${address}/32 dev lo
mkdir -p /run/sshd /root/.ssh && chmod 700 /root/.ssh
ssh-keygen -q -t ed25519 -N '' -f /root/key
cp /root/key.pub /root/.ssh/authorized_keys
serve() {
  [ ! -s /run/sshd.pid ] || { kill "$(cat /run/sshd.pid)"; while [ -e /run/sshd.pid ]; do sleep 0.05; done; }
  rm -f /etc/ssh/ssh_host_*; ssh-keygen -A >/dev/null
  /usr/sbin/sshd -o ListenAddress=${address}
  for _ in $(seq 100); do [ -s /run/sshd.pid ] && break; sleep 0.05; done
}
say() { printf '%s\\n' "== $1"; shift; status=0; "$@" 2>&1 || status=$?; printf '\\nexit %s\\n' $status; }
serve
`;

describeWithDebian("the way into machines, with the real programs", (debian) => {
  test("keys that nobody knows, that changed or that are not let in are named, and words arrive as they were given", async () => {
    const { stdout, code } = await debian.script({
      script: `${ground}
say unknown ${call("yes")}
say new ${call("accept-new")}
say known ${call("yes")}
say fails ${call("yes", address, ["sh", "-c", "exit 7"])}
serve
say changed ${call("yes")}
say changed-new ${call("accept-new")}
rm -f '/root/known hosts' /root/.ssh/authorized_keys
say refused ${call("accept-new")}
say nobody ${call("accept-new", "198.51.100.8")}
`,
      timeoutMs: 50_000,
    });
    const said = new Map(
      stdout
        .split(/^== /m)
        .slice(1)
        .map((part) => {
          const [name = "", ...rest] = part.split("\n");
          const text = rest.join("\n").trimEnd();
          return [
            name,
            { text: text.replace(/\n+exit \d+$/, ""), code: Number(/exit (\d+)$/.exec(text)?.[1]) },
          ] as const;
        }),
    );
    const meaning = (name: string) => explainSsh(address, said.get(name)!.text);
    expect(code, stdout).toBe(0);
    expect(meaning("unknown")).toMatch(/is not known: connect once/);
    expect(said.get("new")).toEqual({ text: "a b|$HOME|it's|`id`||", code: 0 });
    expect(said.get("known")).toEqual(said.get("new"));
    expect(said.get("fails")).toEqual({ text: "", code: 7 });
    expect(meaning("changed")).toMatch(/is another than the one known/);
    expect(meaning("changed-new")).toMatch(/is another than the one known/);
    expect(meaning("refused")).toMatch(/does not let this key in/);
    expect(said.get("nobody")?.text).toMatch(/unreachable|refused/);
    for (const name of ["unknown", "changed", "changed-new", "refused", "nobody"])
      expect(said.get(name)?.code, name).toBe(255);
  });
});
