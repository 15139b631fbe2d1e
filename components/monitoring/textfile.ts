/** Where anything on a machine may leave metrics for the node exporter: `NAME.prom`, written to another name and renamed. */
export const textfileDirectory = "/var/lib/prometheus/node-exporter";
