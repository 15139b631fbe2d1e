import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { pgbouncerRole } from "./pgbouncer.ts";
import { etcdRole, postgresRole } from "./role.ts";
import { machineFiles, testBackup, testClient, testSpec } from "./testing.ts";

const spec = testSpec({ backup: testBackup, restore: {} });
const member = spec.nodes[0]!;
const node = [
  etcdRole({ cluster: spec.cluster, members: spec.etcd, founder: spec.founder, generation: 1 }, member),
  postgresRole(spec, 1),
];
const units = [...node, pgbouncerRole({ client: testClient(spec), appServers: 4 })].flatMap((role) => role.units);

describeWithDebian("Files of a Postgres host, read by the real programs", (debian) => {
  test("Patroni takes its configuration, and would not take another", async () => {
    const files = machineFiles(node);
    const validate = `ip addr add ${member.address}/24 dev lo
patroni --validate-config --ignore-listen-port /etc/patroni/config.yml 2>&1 || true`;
    // It knocks at etcd, which is not there.
    const unreachable = spec.etcd.map(({ address }, index) => {
      const host = `${address}:2379`;
      return `etcd3.hosts.${index} ${host} didn't pass validation: ${host} is not reachable\n`;
    });
    const good = await debian.script({ files, script: validate });
    // Patroni 4.0.7 runs with quorum commits, and its validator has not heard of them.
    const unknown = "bootstrap.dcs.synchronous_mode quorum is not a boolean\n";
    expect(good).toMatchObject({ code: 0, stdout: unknown + unreachable.join("") });
    const bad = await debian.script({ files, script: `sed -i '/^scope:/d' /etc/patroni/config.yml\n${validate}` });
    expect(bad.stdout).toContain("scope");
  });

  test("pgBackRest knows every option", async () => {
    const ask = "timeout 60 pgbackrest --stanza=main --log-level-console=warn --io-timeout=1 info 2>&1 || true";
    const files = machineFiles(node);
    const good = await debian.script({ files, script: ask, user: "postgres" });
    expect(good.stdout).not.toMatch(/invalid|unknown|must|WARN|\[03[0-9]\]/i);
    const bad = await debian.script({
      files,
      script: `echo 'repo1-nonsense=y' >> /etc/pgbackrest/pgbackrest.conf\n${ask}`,
    });
    expect(bad.stdout).toMatch(/invalid option 'repo1-nonsense'/);
  });

  test("systemd takes every unit and timer, over the distribution's own", async () => {
    const names = [
      ...units.map((unit) => unit.name),
      "sovereign-postgres-backup@full.service",
      "sovereign-postgres-leader.service",
    ];
    const verify = `groupadd -r sovereign-tls
systemd-analyze verify --man=no ${names.map((name) => `'${name}'`).join(" ")} 2>&1`;
    const files = machineFiles([...node, pgbouncerRole({ client: testClient(spec), appServers: 4 })]);
    const good = await debian.script({ files, script: verify });
    expect(good).toMatchObject({ code: 0, stdout: "" });
    const bad = await debian.script({
      files: { ...files, "/etc/systemd/system/patroni.service.d/sovereign.conf": "[Service]\nRestart=sometimes\n" },
      script: verify,
    });
    expect(bad.stdout).toContain("sometimes");
  });

  test("bash takes every script", async () => {
    const scripts = node.flatMap((role) => role.files).filter((file) => file.content.startsWith("#!/bin/bash"));
    expect(scripts.map((script) => script.path.split("/").at(-1))).toEqual([
      "postgres-roles",
      "postgres-leader",
      "sovereign-postgres-switchover",
      "etcd-step-aside",
      "postgres-backup",
      "postgres-restore",
    ]);
    const { code, stderr } = await debian.script({
      files: machineFiles(node),
      script: scripts.map((script) => `bash -n ${script.path}`).join("\n"),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});
