import { farewellMetric } from "../farewell.ts";
import { type RuleGroup, type RuleSettings, silentExporter } from "./rule.ts";

const day = 86_400;
const disks = 'fstype=~"ext4|xfs|btrfs|vfat"';

/** Machines, whatever they do. */
export function hostRules(settings: RuleSettings): RuleGroup {
  const fleeting = settings.discoveredRoles.join("|");
  return {
    name: "hosts",
    rules: [
      {
        alert: "HostDown",
        expr: `up{job="node"${fleeting && `,role!~"${fleeting}"`}} == 0`,
        for: "1m",
        severity: "critical",
        summary: "{{ $labels.host }} does not answer",
        action:
          "The machine or its network is gone. Look at the console of the provider. A member of a cluster is made up for by the others: see that exactly one primary and one master are left before you repair anything.",
      },
      ...(fleeting
        ? [
            {
              alert: "StatelessHostDown",
              expr: `up{job="node",role=~"${fleeting}"} == 0 unless on (host, instance) last_over_time(${farewellMetric}[15m]) == 1`,
              for: "1m",
              severity: "warning" as const,
              summary: "{{ $labels.host }} has vanished",
              action:
                "It stopped answering without having been shut down (a server that a release removes is, and says so first). The load balancer already leaves it out; replace it: `pulumi up --replace` of its server.",
            },
          ]
        : []),
      {
        alert: "ExporterDown",
        expr: silentExporter('job!~"node|probe"'),
        for: "5m",
        severity: "warning",
        summary: "{{ $labels.host }} is up but {{ $labels.job }} gives no metrics",
        action:
          "Alerts about this service are blind. `systemctl --failed` on the machine, then the journal of the service and of its exporter.",
      },
      {
        alert: "DiskSpaceLow",
        expr: `node_filesystem_avail_bytes{${disks}} / node_filesystem_size_bytes < 0.15`,
        for: "5m",
        severity: "warning",
        summary: "{{ $labels.mountpoint }} of {{ $labels.host }} is more than 85 % full",
        action:
          "Find what grows (`du -x`), or enlarge the volume: raise its size in the config and grow the file system.",
      },
      {
        alert: "DiskSpaceCritical",
        expr: `node_filesystem_avail_bytes{${disks}} / node_filesystem_size_bytes < 0.05`,
        for: "1m",
        severity: "critical",
        summary: "{{ $labels.mountpoint }} of {{ $labels.host }} is more than 95 % full",
        action:
          "Services stop when it is full. Enlarge the volume now. Never delete below pg_wal: a failing archive or a replication slot keeps it.",
      },
      {
        alert: "DiskFillsWithinADay",
        expr: `predict_linear(node_filesystem_avail_bytes{${disks}}[6h], ${day}) < 0 and node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.4`,
        for: "30m",
        severity: "warning",
        summary: "{{ $labels.mountpoint }} of {{ $labels.host }} will be full within a day",
        action: "It has been growing for six hours. Find what grows (`du -x`) or enlarge the volume.",
      },
      {
        alert: "InodesLow",
        expr: `node_filesystem_files_free{${disks}} / (node_filesystem_files{${disks}} > 0) < 0.1`,
        for: "5m",
        severity: "warning",
        summary: "{{ $labels.mountpoint }} of {{ $labels.host }} runs out of inodes",
        action: "Many small files: find them with `du --inodes -x`.",
      },
      {
        alert: "FilesystemReadOnly",
        expr: `node_filesystem_readonly{${disks}} == 1`,
        for: "1m",
        severity: "critical",
        summary: "{{ $labels.mountpoint }} of {{ $labels.host }} is read-only",
        action:
          "The kernel met an error on the device (`dmesg`). Fail over what runs there, then replace or check the volume.",
      },
      {
        alert: "MemoryLow",
        expr: "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.1",
        for: "5m",
        severity: "warning",
        summary: "{{ $labels.host }} has less than 10 % of its memory left",
        action: "See what takes it (`systemd-cgtop -m`); choose a larger server type or lower the service's limits.",
      },
      {
        alert: "OutOfMemoryKill",
        expr: "increase(node_vmstat_oom_kill[10m]) > 0",
        severity: "critical",
        summary: "{{ $labels.host }} ran out of memory and the kernel ended a process",
        action: "`journalctl -k -g oom` tells which. Choose a larger server type or lower the service's limits.",
      },
      {
        alert: "CpuBusy",
        expr: '1 - avg by (host, role, location) (rate(node_cpu_seconds_total{mode="idle"}[5m])) > 0.9',
        for: "15m",
        severity: "warning",
        summary: "The processors of {{ $labels.host }} have been 90 % busy for 15 minutes",
        action: "More app servers (app.servers) or a larger server type.",
      },
      {
        alert: "CpuStolen",
        expr: 'avg by (host, role, location) (rate(node_cpu_seconds_total{mode="steal"}[5m])) > 0.1',
        for: "30m",
        severity: "warning",
        summary: "{{ $labels.host }} gets less of its shared processors than it asks for",
        action:
          "Neighbours on the same hardware. Choose a type with dedicated processors (CCX), or replace the machine.",
      },
      {
        alert: "ClockSkew",
        expr: "abs(node_timex_offset_seconds) > 0.05 or node_timex_sync_status == 0",
        for: "10m",
        severity: "warning",
        summary: "The clock of {{ $labels.host }} is not in step",
        action:
          "Leases and certificates rely on it. `timedatectl timesync-status`; is UDP 123 to the time servers open?",
      },
      {
        alert: "UnitFailed",
        expr: 'node_systemd_unit_state{state="failed"} == 1',
        for: "2m",
        severity: "warning",
        summary: "{{ $labels.name }} has failed on {{ $labels.host }}",
        action: "`systemctl status` and `journalctl -u` of the unit; `systemctl reset-failed` once it is understood.",
      },
      {
        alert: "JournalUploadFailing",
        expr: 'node_systemd_unit_state{name="systemd-journal-upload.service",state="active"} == 0',
        for: "10m",
        severity: "warning",
        summary: "{{ $labels.host }} does not send its journal",
        action:
          "Its log is only on the machine, where it is lost with it. See `journalctl -u systemd-journal-upload` there and `systemctl status systemd-journal-remote` on the monitoring host.",
      },
      {
        alert: "HostCertificateExpires",
        expr: `sovereign_certificate_not_after_seconds - time() < ${60 * day}`,
        for: "1h",
        severity: "warning",
        summary: "{{ $labels.path }} of {{ $labels.host }} expires within 60 days",
        action: "Raise the generation of the certificate authority, then roll the hosts out one after another.",
      },
      {
        alert: "RebootRequired",
        expr: "sovereign_reboot_required == 1",
        for: "1d",
        severity: "info",
        summary: "{{ $labels.host }} waits for a reboot to finish a security update",
        action: "Reboot it at a quiet time; the members of a cluster one at a time, the primary after a switchover.",
      },
    ],
  };
}
