import { describe, expect, test } from "vitest";
import type { Properties } from "../../graph/model.ts";
import { extract } from "./index.ts";
import { base64, found, hosts } from "./testing.ts";

describe("spellings of a host in a URL", () => {
  test.each([
    ["HTTPS://API.Example.COM./x", ["api.example.com"]],
    ["https://good.eu@example.com/", ["example.com"]],
    ["https://good.eu%40example.com", []],
    ["https://good.eu\\@example.com", ["example.com", "good.eu"]],
    ["https://bücher.de/", ["xn--bcher-kva.de"]],
    ["https://xn--bcher-kva.de/", ["xn--bcher-kva.de"]],
    ["https://ｅｘａｍｐｌｅ．ｃｏｍ/", ["example.com"]],
    ["https://example。com/", ["example.com"]],
    ["https://ex%61mple.com/", ["example.com"]],
    ["http://0x08080808/", ["8.8.8.8"]],
    ["http://134744072/", ["8.8.8.8"]],
    ["http://010.8.010.8/", ["8.8.8.8"]],
    ["http://[2001:4860:4860::8888]:80/", ["2001:4860:4860::8888"]],
    ["http://[::ffff:8.8.8.8]/", ["8.8.8.8"]],
    ["https:\\/\\/api.example.com\\/v1", ["api.example.com"]],
    ["redirect=https%3A%2F%2Fapi.example.com%2Fx", ["api.example.com"]],
    ["https://api.example.com:8443#fragment", ["api.example.com"]],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is what is tested
    ["https://${region}.datadoghq.com/x", ["datadoghq.com"]],
    ["https://{{ .Values.region }}.datadoghq.com/x", ["datadoghq.com"]],
    ["https://%s.datadoghq.com/x", ["datadoghq.com"]],
    ["https://<region>.datadoghq.com/x", ["datadoghq.com"]],
  ])("%s", (url, expected) => {
    expect(hosts({ value: url })).toEqual(expected);
  });

  test("the end of a template is said to be one", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is what is tested
    expect(found({ value: "https://${x}.datadoghq.com" })).toEqual(["datadoghq.com > template > value"]);
  });

  test("a port is part of what is found", () => {
    expect(extract({ a: "https://api.example.com:8443/" }, "t").endpoints[0]?.port).toBe(8443);
  });
});

describe("addresses inside lead nowhere", () => {
  test.each([
    "http://localhost:8080/",
    "http://127.0.0.1/",
    "http://10.0.0.5:9090/metrics",
    "http://[::1]/",
    "http://169.254.169.254/latest",
    "http://prometheus.monitoring.svc.cluster.local:9090",
    "http://loki.monitoring:3100",
    "https://vault.internal",
    "postgres://app@db:5432/app",
    "unix:///run/app.sock",
    "file:///etc/hosts",
    "redis://redis-master.cache.svc:6379/0",
  ])("%s", (url) => {
    expect(hosts({ url })).toEqual([]);
  });
});

describe("dotted words that are no hosts", () => {
  test.each<[string, Properties, string?]>([
    ["a file", { handler: "app.py", target: "main.rs", source: "install.sh" }],
    ["a version", { version: "1.2.3.4", tag: "v1.2.3", engineVersion: "16.4.0.1" }],
    ["an API group", { apiVersion: "cert-manager.io/v1", kind: "Certificate", apiGroups: ["monitoring.coreos.com"] }],
    ["a class", { mainClass: "com.example.Main", packageName: "io.k8s.api" }],
    ["labels", { metadata: { labels: { "app.kubernetes.io/name": "x", team: "a.com" } } }],
    ["annotation keys", { metadata: { annotations: { "prometheus.io/scrape": "true" } } }],
    ["tags with links", { tags: { repo: "https://github.com/acme/infra" } }],
    ["a driver", { provisioner: "csi.hetzner.cloud", driver: "csi.hetzner.cloud" }],
    ["a schema", { document: '{"$schema": "https://json.schemastore.org/package", "a": 1}' }],
    ["a namespace", { document: '<a xmlns="http://www.w3.org/2001/XMLSchema" xmlns:b="http://names.example.com/b"/>' }],
    ["a JSON-LD context", { document: '{"@context": "https://schema.org", "name": "x"}' }],
    ["a description", { description: "as in https://docs.example.com/" }],
    ["comments", { userData: "#!/bin/sh\n# see https://docs.example.com\necho done # https://docs.example.com\n" }],
    ["comments of YAML", { userData: "#cloud-config\n# https://docs.example.com\npackages: [nginx]\n" }],
    ["a machine's image", { image: "debian-13" }, "hcloud:index/server:Server"],
    ["sysctl", { userData: "#!/bin/sh\nsysctl -w net.ipv4.ip_forward=1\n" }],
    ["units", { userData: "#!/bin/sh\nsystemctl enable --now nginx.service app.timer\n" }],
    ["the machine's own name", { userData: "#cloud-config\nfqdn: web.example.eu\nhostname: web\n" }],
    [
      "an ingress' own name",
      { spec: { rules: [{ host: "shop.example.eu" }] } },
      "kubernetes:networking.k8s.io/v1:Ingress",
    ],
    ["PromQL", { expr: 'sum by (job) (rate(http_requests_total{job="api.server"}[5m]))' }],
    [
      "a certificate",
      {
        pem: `-----BEGIN CERTIFICATE-----\n${base64("see http://crl.example.com/ ".repeat(20))}\n-----END CERTIFICATE-----\n`,
      },
    ],
    [
      "links of a unit",
      { unit: "[Unit]\nDocumentation=https://docs.example.com/x\n[Service]\nExecStart=/usr/bin/x\n" },
    ],
    ["names of webhooks", { webhooks: [{ name: "check.cert-manager.io" }] }],
    ["an operating system's tag", { imageName: "debian:12" }, "ionoscloud:compute/server:Server"],
    ["anywhere", { sourceIps: ["0.0.0.0/0", "::/0"], cidr: "10.0.0.0/8" }],
  ])("%s", (_, properties, type) => {
    expect(extract(properties, type ?? "test:index:Thing")).toEqual({ endpoints: [], blind: [] });
  });
});

describe("settings whose names say host", () => {
  test.each<[Properties, string[]]>([
    [{ smtpHost: "smtp.sendgrid.net" }, ["smtp.sendgrid.net"]],
    [{ env: [{ name: "DD_SITE", value: "datadoghq.com" }] }, ["datadoghq.com"]],
    [{ environment: { KAFKA_BROKERS: "a.example.com:9092,b.example.com:9092" } }, ["a.example.com", "b.example.com"]],
    [{ auths: { "ghcr.io": { auth: "x" } } }, ["ghcr.io"]],
    [{ dnsServers: ["8.8.8.8", "2620:fe::fe"] }, ["8.8.8.8", "2620:fe::fe"]],
    [{ sourceIps: ["203.0.113.7/32"] }, ["203.0.113.7/32"]],
    [{ connection: "Server=tcp:a.database.windows.net,1433;Database=x" }, ["a.database.windows.net"]],
    [{ dsn: "host=db.example.com port=5432 user=x" }, ["db.example.com"]],
    [{ dsn: "jdbc:postgresql://db.example.com:5432/x" }, ["db.example.com"]],
    [{ dsn: "u:p@tcp(db.example.com:3306)/x" }, ["db.example.com"]],
    [{ dsn: "mongodb://u:p@a.example.com:1,b.example.com:2/x" }, ["a.example.com", "b.example.com"]],
    [{ dsn: "postgres://u:p/w@db.example.com/x" }, ["db.example.com"]],
    [
      { c: "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=b;EndpointSuffix=core.windows.net" },
      ["core.windows.net"],
    ],
    [{ source: "git@github.com:a/b.git" }, ["github.com"]],
    [{ bucket: "s3://b/x" }, ["amazonaws.com"]],
    [{ bucket: "s3://b?endpoint=fsn1.your-objectstorage.com" }, ["fsn1.your-objectstorage.com"]],
    [{ bucket: "gs://b/x" }, ["storage.googleapis.com"]],
    [{ bucket: "abfss://c@a.dfs.core.windows.net/x" }, ["a.dfs.core.windows.net"]],
    [{ bucket: "sqs://key:pw@" }, ["amazonaws.com"]],
    [{ target: "b2:backups:pg" }, ["backblazeb2.com"]],
    [{ RESTIC_REPOSITORY: "s3:s3.example.com/b" }, ["s3.example.com"]],
    [{ path: "s3://b/x", endpointUrl: "https://nbg1.your-objectstorage.com" }, ["nbg1.your-objectstorage.com"]],
    [{ target: "dns:///api.example.com:443" }, ["api.example.com"]],
    [{ page: '<script src="//cdn.example.com/x.js"></script>' }, ["cdn.example.com"]],
    [{ spec: { type: "ExternalName", externalName: "x.example.com" } }, ["x.example.com"]],
    [{ toFQDNs: [{ matchPattern: "*.example.com" }] }, ["example.com"]],
    [{ "iam.gke.io/gcp-service-account": "web@p.iam.gserviceaccount.com" }, ["p.iam.gserviceaccount.com"]],
    [{ provider: { aws: { region: "us-east-1" } } }, ["amazonaws.com"]],
    [{ cacheTo: [{ registry: { ref: "ghcr.io/a/web:cache" } }] }, ["ghcr.io"]],
    [{ to: "ops@gmail.com" }, ["gmail.com"]],
    [{ parts: { "Fn::Join": ["", ["https://", "api", ".example.com"]] } }, ["api.example.com"]],
    [{ code: 'const url = "https://api" + ".example.com";\nfetch(url)\n' }, ["api.example.com"]],
  ])("%o", (properties, expected) => {
    expect(hosts(properties)).toEqual(expected);
  });
});

describe("container images", () => {
  test("of all containers, docker.io where none is named", () => {
    const spec = {
      containers: [{ image: "nginx:1.27" }],
      initContainers: [{ image: "ghcr.io/a/b@sha256:0" }],
      ephemeralContainers: [{ image: "grafana/grafana" }, { image: "localhost:5000/x" }],
    };
    expect(found({ spec: { template: { spec } } }, "kubernetes:apps/v1:Deployment")).toEqual([
      "docker.io > image > spec.template.spec.containers[0].image",
      "ghcr.io > image > spec.template.spec.initContainers[0].image",
      "docker.io > image > spec.template.spec.ephemeralContainers[0].image",
    ]);
  });

  test.each([
    [
      "FROM node:22 AS build\nRUN curl -fsSL https://get.example.com | sh\nFROM gcr.io/distroless/base\n",
      ["docker.io", "get.example.com", "gcr.io"],
    ],
    ["[Container]\nImage=quay.io/a/b\n", ["quay.io"]],
    ["#!/bin/sh\ndocker run -d --name web -p 80:80 -e A=b nginx\n", ["docker.io"]],
    ["#!/bin/sh\npodman pull quay.io/a/b && crictl pull registry.k8s.io/pause:3.9\n", ["quay.io", "registry.k8s.io"]],
    [
      "services:\n  web:\n    image: nginx\n  db:\n    image: registry.example.eu/db\n",
      ["docker.io", "registry.example.eu"],
    ],
    ["image:\n  registry: quay.io\n  repository: a/b\n  tag: '1'\n", ["quay.io"]],
  ])("in %j", (text, expected) => {
    expect(hosts({ text })).toEqual(expected);
  });
});

describe("DNS records", () => {
  test.each<[Properties, string[]]>([
    [{ type: "CNAME", value: "x.cloudfront.net.", name: "www" }, ["x.cloudfront.net"]],
    [{ type: "MX", records: [{ value: "10 mx.example.com." }] }, ["mx.example.com"]],
    [{ type: "SRV", value: "0 5 5060 sip.example.com." }, ["sip.example.com"]],
    [
      { type: "TXT", records: [{ value: '"v=spf1 include:sendgrid.net ip4:203.0.113.0/24 ~all"' }] },
      ["sendgrid.net", "203.0.113.0/24"],
    ],
    [{ type: "TXT", value: "v=DMARC1; p=none; rua=mailto:r@reports.example.com" }, ["reports.example.com"]],
    [{ type: "TXT", value: "google-site-verification=abc.com" }, []],
    [{ type: "NS", rrdatas: ["ns1.example.com."] }, ["ns1.example.com"]],
  ])("%o", (properties, expected) => {
    expect(hosts(properties)).toEqual(expected);
  });
});
