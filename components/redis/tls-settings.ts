import { tlsPaths } from "../pki/paths.ts";

/**
 * TLS settings that instances and Sentinel share: no plain port at all. Clients prove themselves by password, not by
 * certificate; replication and Sentinels' own connections are TLS too (`tls-replication`).
 */
export function renderTlsSettings(port: number): string {
  return `port 0
tls-port ${port}
tls-cert-file ${tlsPaths.certificate}
tls-key-file ${tlsPaths.key}
tls-ca-cert-file ${tlsPaths.ca}
tls-auth-clients no
tls-replication yes
tls-protocols "TLSv1.2 TLSv1.3"`;
}
