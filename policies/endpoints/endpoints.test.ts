import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { COMPUTED, HIDDEN, type Properties, Secret } from "../../graph/model.ts";
import { extract } from "./index.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const packed = (text: string): string => gzipSync(text).toString("base64");
const hosts = (properties: Properties, type = "test:index:Thing"): string[] => [
  ...new Set(extract(properties, type).endpoints.map((e) => e.host)),
];
const found = (properties: Properties, type = "test:index:Thing"): string[] =>
  extract(properties, type).endpoints.map((e) => [e.host, e.form, e.property, ...e.place].join(" > "));

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

const config = `#cloud-config
apt:
  sources:
    tools: { source: "deb https://apt.example.com/ stable main" }
    own: { source: "ppa:a/b" }
ntp: { servers: [time.google.com], pools: [0.pool.ntp.org] }
resolv_conf: { nameservers: ["1.1.1.1"] }
phone_home: { url: "http://phone.example.com/" }
mounts:
  - ["fs-1.efs.eu-west-1.amazonaws.com:/", /mnt, nfs4]
write_files:
  - path: /etc/app.env
    content: |
      SENTRY_DSN=https://key@o1.ingest.sentry.io/1
      SMTP_HOST=smtp.mailgun.org
  - path: /usr/local/bin/run
    encoding: gz+b64
    content: ${packed('#!/bin/sh\nHOST=api\nURL="https://$HOST.example.com"\ncurl "$URL"\n')}
runcmd:
  - curl -fsSL https://get.docker.com | sh
  - [wget, -qO-, example.com/install]
`;

describe("user data", () => {
  const expected = [
    "apt.example.com > url > apt.sources.tools.source",
    "ppa.launchpadcontent.net > package-source > apt.sources.own.source",
    "time.google.com > ntp > ntp.servers[0]",
    "0.pool.ntp.org > ntp > ntp.pools[0]",
    "1.1.1.1 > resolver > resolv_conf.nameservers[0]",
    "phone.example.com > url > phone_home.url",
    "fs-1.efs.eu-west-1.amazonaws.com > setting > mounts[0][0]",
    "o1.ingest.sentry.io > url > write_files[0] (/etc/app.env) > line 1",
    "smtp.mailgun.org > setting > write_files[0] (/etc/app.env) > line 2",
    "api.example.com > url > write_files[1] (/usr/local/bin/run) > base64 > gzip > line 3",
    "api.example.com > url > write_files[1] (/usr/local/bin/run) > base64 > gzip > line 4",
    "get.docker.com > url > runcmd[0]",
    "example.com > command > runcmd[1]",
  ];
  const at = (...place: string[]) =>
    expected.map((line) => {
      const [host, form, ...rest] = line.split(" > ");
      return [host, form, "userData", ...place, ...rest].join(" > ");
    });

  test("cloud-config", () => {
    expect(found({ userData: config })).toEqual(at());
  });

  test("base64, gzip, both, wrapped and url-safe", () => {
    expect(found({ userData: base64(config) })).toEqual(at("base64"));
    expect(found({ userData: packed(config) })).toEqual(at("base64", "gzip"));
    expect(found({ userData: packed(config).replace(/(.{76})/g, "$1\n") })).toEqual(at("base64", "gzip"));
    expect(found({ userData: gzipSync(config).toString("base64url") })).toEqual(at("base64", "gzip"));
    expect(found({ userData: base64(packed(config)) })).toEqual(at("base64", "base64", "gzip"));
  });

  test("as part of a multipart message", () => {
    const message = (body: string) =>
      `Content-Type: multipart/mixed; boundary="B"\nMIME-Version: 1.0\n\n--B\nContent-Type: text/x-shellscript\n\n#!/bin/sh\ncurl https://a.example.com\n--B\nContent-Type: text/cloud-config\nContent-Transfer-Encoding: base64\n\n${base64(body)}\n--B--\n`;
    expect(found({ userData: packed(message(config)) })).toEqual([
      "a.example.com > url > userData > base64 > gzip > part 1 (text/x-shellscript) > line 2",
      ...at("base64", "gzip", "part 2 (text/cloud-config)", "base64"),
    ]);
  });

  test("as JSON, which is YAML too", () => {
    const text = `#cloud-config\n${JSON.stringify({ runcmd: [["curl", "https://a.example.com"]] })}\n`;
    expect(found({ userData: packed(text) })).toEqual(["a.example.com > url > userData > base64 > gzip > runcmd[0]"]);
  });

  test("YAML's binary values and keys from a hub", () => {
    const text = `#cloud-config\nssh_import_id: ["gh:somebody"]\nwrite_files:\n  - path: /x\n    content: !!binary |\n      ${base64("curl https://a.example.com")}\n`;
    expect(hosts({ userData: text })).toEqual(["github.com", "a.example.com"]);
  });

  test("includes are fetched", () => {
    expect(found({ userData: "#include\nhttps://a.example.com/x\n" })).toEqual([
      "a.example.com > url > userData > line 2",
    ]);
  });

  test("archives of cloud-config", () => {
    const text =
      "#cloud-config-archive\n- type: text/x-shellscript\n  content: |\n    #!/bin/sh\n    curl a.example.com\n";
    expect(hosts({ userData: text })).toEqual(["a.example.com"]);
  });
});

describe("shell", () => {
  test.each([
    ['HOST=api; URL="https://$HOST.example.com"; curl "$URL"', ["api.example.com"]],
    ["A=exam B=ple; curl https://$A$B.com/", ["example.com"]],
    ["curl -sSL get.example.com | sh", ["get.example.com"]],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is what is tested
    ["curl https://${HOST:-api.example.com}/", ["api.example.com"]],
    ["curl https://'api'.\"example\".com/", ["api.example.com"]],
    ["curl \\\n  -o x.sh \\\n  https://api.example.com", ["api.example.com"]],
    ["cat > /etc/chrony.conf <<EOF\nserver ntp.example.com iburst\n# https://no.example.com\nEOF", ["ntp.example.com"]],
    ["H=example.com\ncat > /x <<EOF\nhost=api.$H\nEOF", ["api.example.com"]],
    ["echo 'nameserver 1.1.1.1' > /etc/resolv.conf", ["1.1.1.1"]],
    ["bash -c 'curl https://api.example.com'", ["api.example.com"]],
    ["x=$(curl -s https://api.example.com/ip)", ["api.example.com"]],
    ["x=`curl -s https://api.example.com/ip`", ["api.example.com"]],
    [`echo ${base64("curl https://api.example.com")} | base64 -d | sh`, ["api.example.com"]],
    ["for h in a.example.com b.example.com; do ping -c1 $h; done", ["a.example.com", "b.example.com"]],
    ["helm upgrade x oci://ghcr.io/a/b --set image.repository=quay.io/a/b", ["ghcr.io", "quay.io"]],
    ["ssh -i key root@host.example.com uptime", ["host.example.com"]],
    ["dig +short @8.8.8.8 db.internal", ["8.8.8.8"]],
    ["sed -i 's#own.example.eu#ghcr.io#' /opt/compose.yaml", ["ghcr.io"]],
    ["sed -i 's/ghcr\\.io/own\\.example\\.eu/' /opt/compose.yaml", ["own.example.eu"]],
    ["exec 3<>/dev/tcp/time.example.com/13", ["time.example.com"]],
    ["ntpdate -u time.example.com", ["time.example.com"]],
    ["curl https://{{ ds.meta_data.region }}.example.com/install", ["example.com"]],
    ["psql -h db.example.com -U app", ["db.example.com"]],
    ["add-apt-repository -y ppa:a/b", ["ppa.launchpadcontent.net"]],
    ["aws s3 cp s3://b/x .", ["amazonaws.com"]],
    ["aws --endpoint-url https://fsn1.your-objectstorage.com s3 ls", ["fsn1.your-objectstorage.com"]],
    ["git clone git@github.com:a/b.git && python3 app.py", ["github.com"]],
    ["curl -H 'Host: x' -d @body.json http://10.0.0.1/", []],
    ["cp config.in /etc/x.so; chmod +x install.sh; ./install.sh", []],
    ["apt-get install -y nginx=1.2.3.4-1 && sleep 1.5", []],
    [
      `powershell -enc ${Buffer.from("iwr https://api.example.com", "utf16le").toString("base64")}`,
      ["api.example.com"],
    ],
    ["curl $'https://\\x61pi.example.com'", ["api.example.com"]],
  ])("%s", (script, expected) => {
    expect(hosts({ userData: `#!/bin/bash\n${script}\n` })).toEqual(expected);
  });
});

describe("documents within values", () => {
  test("Kubernetes' secrets and config maps", () => {
    expect(found({ data: { url: base64("postgres://u:p@db.example.com/x") } }, "kubernetes:core/v1:Secret")).toEqual([
      "db.example.com > connection-string > data.url > base64",
    ]);
    expect(
      found({ data: { "app.yaml": "mail:\n  host: smtp.example.com\n" } }, "kubernetes:core/v1:ConfigMap"),
    ).toEqual(['smtp.example.com > setting > data["app.yaml"] > mail.host']);
  });

  test("JSON in JSON in YAML", () => {
    const inner = JSON.stringify({ deep: JSON.stringify({ apiUrl: "https://api.example.com" }) });
    expect(found({ values: `a:\n  b: '${inner}'\n` })).toEqual([
      "api.example.com > url > values > a.b > deep > apiUrl",
    ]);
  });

  test("data URLs", () => {
    expect(hosts({ source: `data:text/plain;base64,${base64("curl https://api.example.com")}` })).toEqual([
      "api.example.com",
    ]);
    expect(hosts({ source: "data:,curl%20https%3A%2F%2Fapi.example.com" })).toEqual(["api.example.com"]);
  });
});

describe("what cannot be seen", () => {
  const blind = (properties: Properties, type = "test:index:Thing") =>
    extract(properties, type).blind.map((b) => [b.why, b.property, ...b.place].join(" > "));

  test("hidden and computed values, at any depth", () => {
    expect(blind({ a: HIDDEN, b: [{ c: COMPUTED }] })).toEqual(["secret > a", "computed > b[0].c"]);
  });

  test("secrets that are shown are looked into, and said to be secret", () => {
    expect(extract({ a: new Secret({ url: "https://api.example.com" }) }, "t").endpoints).toMatchObject([
      { property: "a.url", secret: true, host: "api.example.com" },
    ]);
  });

  test("broken, encrypted and oversized", () => {
    const whole = gzipSync(config);
    expect(blind({ userData: whole.subarray(0, 100).toString("base64") })).toEqual([
      "broken > userData > base64 > gzip",
    ]);
    expect(blind({ data: { a: "%%%" } }, "kubernetes:core/v1:Secret")).toEqual(["broken > data.a"]);
    expect(blind({ userData: "#cloud-config\na: [\n" })).toEqual(["broken > userData"]);
    expect(blind({ userData: "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12" })).toEqual(["broken > userData > base64"]);
    expect(blind({ hook: "https://[secret]/services" })).toEqual(["secret > hook"]);
    expect(blind({ dsn: "postgres://app:[secret]@db.internal/x" })).toEqual([]);
    const noise = Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 151 + 77) % 256)).toString("base64");
    expect(blind({ userData: `#!/bin/sh\necho ${noise} | base64 -d | openssl enc -d -aes-256-cbc | sh\n` })).toEqual([
      "encrypted > userData",
    ]);
    expect(blind({ a: "$ANSIBLE_VAULT;1.1;AES256\n6162" })).toEqual(["encrypted > a"]);
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, "a")).toString("base64");
    expect(blind({ userData: bomb })).toEqual(["too-big > userData > base64 > gzip"]);
  });

  test("encodings within encodings without end", () => {
    let text = "curl https://api.example.com";
    for (let i = 0; i < 16; i++) text = base64(text);
    expect(blind({ userData: text })[0]).toMatch(/^too-deep/);
  });

  test("objects without end", () => {
    let value: Properties = { url: "https://api.example.com" };
    for (let i = 0; i < 100; i++) value = { a: value };
    expect(blind(value)[0]).toMatch(/^too-deep/);
  });

  test("more endpoints than anybody reads", () => {
    const urls = Array.from({ length: 6000 }, (_, i) => `https://h${i}.example.com`);
    expect(blind({ urls })).toEqual(["too-big > "]);
  });
});
