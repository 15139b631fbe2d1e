import type { MachineFile } from "../host/role.ts";
import { ports } from "../ports.ts";

const configFile = "/etc/prometheus/blackbox.yml";

/** Asked by programs of the same machine only: whoever asks it decides where it asks. */
export function blackboxFiles(modules: string): MachineFile[] {
  return [
    { path: configFile, content: modules },
    {
      path: "/etc/default/prometheus-blackbox-exporter",
      content: `ARGS="--config.file=${configFile} --web.listen-address=127.0.0.1:${ports.blackboxExporter}"\n`,
    },
  ];
}

/** Part of a drop-in: the distribution's units stay down after an error exit, or after a few of them. */
export const restart = `Restart=always
RestartSec=5

[Unit]
StartLimitIntervalSec=0
`;
