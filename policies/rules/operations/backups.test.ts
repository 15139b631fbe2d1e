import { describe, expect, test } from "vitest";
import { COMPUTED } from "../../../graph/model.ts";
import { resource } from "../../core/testing.ts";
import type { Rule } from "../../core/types.ts";
import { found, told } from "../testing.ts";
import { backups } from "./backups.ts";

/** What a rule says of one resource. */
const of = (rule: Rule, type: string, inputs: unknown, more: object = {}) =>
  told(rule, [resource({ type, inputs: inputs as never, ...more })]);

describe("backups", () => {
  test.each([
    ["aws:rds/instance:Instance", "backupRetentionPeriod", 0, 7, "off"],
    ["aws:rds/cluster:Cluster", "backupRetentionPeriod", 0, 7, "on"],
    ["aws:dynamodb/table:Table", "pointInTimeRecovery.enabled", false, true, "off"],
    ["aws:elasticache/replicationGroup:ReplicationGroup", "snapshotRetentionLimit", 0, 5, "off"],
    ["gcp:sql/databaseInstance:DatabaseInstance", "settings.backupConfiguration.enabled", false, true, "off"],
    ["scaleway:databases/instance:Instance", "disableBackup", true, false, "on"],
    ["scaleway:index/databaseInstance:DatabaseInstance", "disableBackup", true, false, "on"],
    ["azure:postgresql/flexibleServer:FlexibleServer", "backupRetentionDays", 0, 7, "on"],
    ["digitalocean:index/droplet:Droplet", "backups", false, true, "off"],
    ["linode:index/instance:Instance", "backupsEnabled", false, true, "off"],
  ])("%s: %s", (type, property, off, on, unset) => {
    const inputs = (value: unknown) =>
      property.split(".").reduceRight((inner: unknown, name) => ({ [name]: inner }), value);
    expect(of(backups, type, inputs(off))).toEqual([`it: refuse ${property}`]);
    expect(of(backups, type, inputs(on))).toEqual([]);
    expect(of(backups, type, {})).toEqual(unset === "off" ? [`it: refuse ${property}`] : []);
    expect(of(backups, type, inputs(COMPUTED))).toEqual([`it: warn? ${property}`]);
  });

  test("a finding says whether it was set", () => {
    const message = (inputs: object) =>
      found(backups, [resource({ type: "digitalocean:index/droplet:Droplet", inputs: inputs as never })])[0]?.message;
    expect(message({})).toBe("it has no backups (backups is not set).");
    expect(message({ backups: false })).toBe("it has no backups (backups).");
  });

  test("other types have none to set", () => {
    expect(of(backups, "hcloud:index/volume:Volume", {})).toEqual([]);
  });
});
