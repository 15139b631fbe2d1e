import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { COMPUTED, HIDDEN, type Properties, Secret } from "../../graph/model.ts";
import { extract } from "./index.ts";
import { base64, found, hosts, packed } from "./testing.ts";

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
