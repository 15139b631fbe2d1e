import { describe, expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import type { AppServerSpec } from "./roles.ts";
import { appServerRoles } from "./roles.ts";
import { machineFiles, testApp, testContainer } from "./testing.ts";
import type { Workload } from "./workload.ts";

const richContainer: Workload = {
  ...testContainer,
  command: ["serve", "--greeting", 'say "100%" for $5'],
  user: "1000:1000",
  capabilities: ["CAP_CHOWN"],
  writable: true,
  registryUser: "deploy",
  metricsPath: "/metrics",
  secretEnv: ["API_KEY"],
};

const variants: [string, AppServerSpec][] = [
  ["service", testApp],
  ["container", { ...testApp, workload: testContainer }],
  [
    "container with everything",
    { ...testApp, workload: richContainer, staticFiles: { urlPrefix: "/assets", directory: "/srv/assets" } },
  ],
  ["without data", { ...testApp, postgres: undefined, redis: undefined }],
  [
    "single nodes",
    {
      ...testApp,
      postgres: { ...testApp.postgres!, nodes: testApp.postgres!.nodes.slice(0, 1) },
      redis: { ...testApp.redis!, nodes: testApp.redis!.nodes.slice(0, 1) },
    },
  ],
];

describeWithDebian("files of an app server, read by the programs they are for", (debian) => {
  describe.each(variants)("%s", (_, spec) => {
    test("haproxy, nginx and systemd find nothing wrong", async () => {
      const roles = appServerRoles(spec);
      const units = roles.flatMap((role) => role.units.map((unit) => unit.name));
      const quadlet = spec.workload.kind === "container";
      const result = await debian.script({
        files: await machineFiles(roles),
        script: `
mkdir -p /run/haproxy
haproxy -c -q -f /etc/haproxy/haproxy.cfg
nginx -t -q
${
  quadlet
    ? `mkdir /run/generated
/usr/lib/systemd/system-generators/podman-system-generator /run/generated /run/generated /run/generated
cp /run/generated/*.service /etc/systemd/system/`
    : ""
}
systemd-analyze verify --man=no ${units
          .map((name) => `/etc/systemd/system/${name}`)
          .map((path, i) => `$(ls ${path} 2>/dev/null || ls /usr/lib/systemd/system/${units[i]})`)
          .join(" ")}
`,
      });
      expect(result.stderr).toBe("");
      expect(result.code).toBe(0);
    });
  });

  test("podman is given exactly the image, its arguments and the names of variables", async () => {
    const roles = appServerRoles({ ...testApp, workload: richContainer });
    const result = await debian.run({
      files: await machineFiles(roles),
      argv: ["/usr/lib/systemd/system-generators/podman-system-generator", "--dryrun"],
    });
    const start = result.stdout.split("\n").find((line) => line.startsWith("ExecStart="));
    expect(start).toMatchSnapshot();
    expect(result.stdout).not.toContain("password");
  });
});
