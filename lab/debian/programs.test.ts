import { expect, test } from "vitest";
import { describeWithDebian } from "./testing.ts";

interface Check {
  readonly program: string;
  /** Shell, given one file: what README.md says is the check. Prints nothing of interest when all is well. */
  readonly command: string;
  readonly path: string;
  readonly user?: string;
  readonly right: string;
  /** Something in the right file, what stands there instead, and what the program says about it. */
  readonly wrong: readonly (readonly [string | RegExp, string, string])[];
}

const haproxy = `defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend in
  bind 10.0.0.1:80
  default_backend app
backend app
  server one 10.0.0.2:8080 check
`;

const patroni = `scope: main
name: one
restapi: {listen: "10.0.0.1:8008", connect_address: "10.0.0.1:8008"}
etcd3: {hosts: ["10.0.0.1:2379"]}
bootstrap: {dcs: {ttl: 20, loop_wait: 2, retry_timeout: 4}}
postgresql:
  listen: 10.0.0.1:5432
  connect_address: 10.0.0.1:5432
  data_dir: /var/lib/postgresql/17/main
  bin_dir: /usr/lib/postgresql/17/bin
  authentication:
    superuser: {username: postgres, password: x}
    replication: {username: replicator, password: x}
    rewind: {username: rewind, password: x}
`;

/** etcd on the address of the file, without which Patroni calls the file wrong. */
const patroniCommand = `ip address add 10.0.0.1/32 dev lo
etcd --data-dir /tmp/etcd --listen-client-urls http://10.0.0.1:2379 --advertise-client-urls http://10.0.0.1:2379 2> /tmp/log &
for try in $(seq 100); do etcdctl --endpoints 10.0.0.1:2379 get x > /dev/null 2>&1 && break; sleep 0.1; done
runuser -u postgres -- patroni --validate-config /etc/patroni/config.yml`;

/** Of a server that has no check mode: started, and right if it still runs after that time. */
const stillRunsAfter = (seconds: number, command: string) =>
  `set +e; timeout --preserve-status -s KILL ${seconds} ${command}; test $? = 137`;

const checks: readonly Check[] = [
  {
    program: "haproxy",
    command: "haproxy -c -dW -f /etc/haproxy/haproxy.cfg",
    path: "/etc/haproxy/haproxy.cfg",
    right: haproxy,
    wrong: [
      ["mode http", "modee http", "unknown keyword 'modee'"],
      ["default_backend app", "default_backend nowhere", "unable to find required default_backend: 'nowhere'"],
      ["timeout server 1s", "", "missing timeouts"],
      ["10.0.0.2:8080", "app.internal:8080", "could not resolve address 'app.internal'"],
      ["bind 10.0.0.1:80", "bind :443 ssl crt /etc/none.pem", "unable to stat SSL certificate"],
    ],
  },
  {
    program: "nginx",
    command: "nginx -t",
    path: "/etc/nginx/conf.d/site.conf",
    right: "server {\n  listen 80;\n  location / { proxy_pass http://127.0.0.1:3000; }\n}\n",
    wrong: [
      ["proxy_pass", "proxy_passs", 'unknown directive "proxy_passs"'],
      ["127.0.0.1:3000", "app.internal", "host not found in upstream"],
      ["listen 80", "listen 443 ssl; ssl_certificate /none; ssl_certificate_key /none", "cannot load certificate"],
      ["}\n}", "}", "unexpected end of file"],
    ],
  },
  {
    program: "nft",
    command: "nft -c -f /etc/nftables.conf",
    path: "/etc/nftables.conf",
    right: `table inet filter {
  chain ssh {
    tcp dport 22 accept
  }
  chain input {
    type filter hook input priority 0; policy drop;
    jump ssh
  }
}
`,
    wrong: [
      ["accept", "acept", "syntax error"],
      ["jump ssh", "jump nowhere", "No such file or directory"],
      ["hook input", "hook inpout", "unknown chain hook"],
    ],
  },
  {
    program: "promtool check config",
    command: "promtool check config --lint=all --lint-fatal /etc/prometheus/prometheus.yml",
    path: "/etc/prometheus/prometheus.yml",
    right: 'scrape_configs:\n- job_name: node\n  static_configs:\n  - targets: ["10.0.0.1:9100"]\n',
    wrong: [
      ["static_configs", "static_config", "field static_config not found"],
      ["10.0.0.1:9100", "http://10.0.0.1/metrics", "is not a valid hostname"],
      ["scrape_configs", "rule_files: [none.yml]\nscrape_configs", "does not point to an existing file"],
    ],
  },
  {
    program: "promtool check rules",
    command: "promtool check rules --lint=all --lint-fatal /etc/prometheus/rules.yml",
    path: "/etc/prometheus/rules.yml",
    right: "groups:\n- name: app\n  rules:\n  - alert: Slow\n    expr: rate(errors[5m]) > 1\n    for: 2m\n",
    wrong: [
      ["rate(errors[5m])", "rate(errors)", "expected type range vector"],
      ["for: 2m", "for: 2 minutes", "unknown unit"],
      ["for:", "foor:", "field foor not found"],
    ],
  },
  {
    program: "amtool",
    command: "amtool check-config /etc/prometheus/alertmanager.yml",
    path: "/etc/prometheus/alertmanager.yml",
    right: "route: {receiver: ops}\nreceivers:\n- name: ops\n  webhook_configs: [{url: 'http://10.0.0.1/'}]\n",
    wrong: [
      ["receiver: ops", "receiver: nobody", 'undefined receiver "nobody"'],
      ["webhook_configs", "webhook_config", "field webhook_config not found"],
    ],
  },
  {
    program: "blackbox exporter",
    command: "prometheus-blackbox-exporter --config.check --config.file=/etc/prometheus/blackbox.yml",
    path: "/etc/prometheus/blackbox.yml",
    right: "modules: {up: {prober: http, timeout: 5s}}\n",
    wrong: [["prober", "probber", "field probber not found"]],
  },
  {
    program: "systemd-analyze verify",
    // Unknown keys are only printed: silence is the check, not the exit code.
    command: "systemd-analyze verify --man=no app.service 2>&1 | tee /dev/fd/2 | { ! grep -q .; }",
    path: "/etc/systemd/system/app.service",
    right: "[Service]\nExecStart=/usr/bin/true\nRestart=always\n[Install]\nWantedBy=multi-user.target\n",
    wrong: [
      ["Restart=", "Restrt=", "Unknown key 'Restrt'"],
      ["always", "alway", "Failed to parse Restart=alway"],
      ["/usr/bin/true", "/usr/bin/truth", "is not executable"],
      ["[Service]", "[Unit]\nRequires=none.service\n[Service]", "none.service not found"],
    ],
  },
  {
    program: "podman quadlet",
    command: "/usr/lib/systemd/system-generators/podman-system-generator --dryrun",
    path: "/etc/containers/systemd/app.container",
    right: "[Container]\nImage=registry.test/app:1\nPublishPort=3000:3000\n",
    wrong: [
      ["PublishPort", "PublishPorts", "unsupported key 'PublishPorts'"],
      ["Image=registry.test/app:1", "", "no Image or Rootfs key"],
    ],
  },
  {
    program: "cloud-init",
    command: "cloud-init schema --config-file /etc/user-data",
    path: "/etc/user-data",
    right: "#cloud-config\nwrite_files:\n- {path: /etc/a, content: b, permissions: '0640'}\nruncmd: [[echo, a]]\n",
    wrong: [
      ["runcmd", "runcmdd", "'runcmdd' was unexpected"],
      ["content:", "contents:", "'contents' was unexpected"],
      ["[[echo, a]]", "3", "is not of type 'array'"],
      ["#cloud-config\n", "", "Unrecognized user-data header"],
    ],
  },
  {
    program: "sshd",
    command: "sshd -t",
    path: "/etc/ssh/sshd_config.d/50-own.conf",
    right: "PasswordAuthentication no\nLoginGraceTime 20\n",
    wrong: [
      ["PasswordAuthentication", "PasswordAuthenticatio", "Bad configuration option"],
      ["no\n", "noo\n", "unsupported option"],
    ],
  },
  {
    program: "postgres -C",
    command:
      "mkdir -m 0700 /tmp/d; echo 17 > /tmp/d/PG_VERSION; postgres=/usr/lib/postgresql/17/bin/postgres; " +
      "$postgres -D /tmp/d --config-file=/etc/postgresql.conf -C shared_buffers",
    path: "/etc/postgresql.conf",
    user: "postgres",
    right: "shared_buffers = 16GB\nwal_level = replica\n",
    wrong: [
      ["shared_buffers", "shared_bufferss", 'unrecognized configuration parameter "shared_bufferss"'],
      ["16GB", "16GBB", 'invalid value for parameter "shared_buffers"'],
      ["replica", "replicant", 'invalid value for parameter "wal_level"'],
    ],
  },
  {
    program: "patroni",
    command: patroniCommand,
    path: "/etc/patroni/config.yml",
    right: patroni,
    wrong: [
      ["scope:", "scoope:", "scope  is not defined"],
      ["loop_wait: 2", "loop_wait: two", "bootstrap.dcs.loop_wait two didn't pass validation"],
      ["bin_dir: /usr/lib/postgresql/17/bin", "bin_dir: /none", "Directory '/none' does not exist"],
      ["10.0.0.1:2379", "10.0.0.9:2379", "10.0.0.9:2379 is not reachable"],
      ["connect_address: 10.0.0.1:5432", "connect_address: 127.0.0.1:5432", 'must not contain "127.0.0.1"'],
    ],
  },
  {
    program: "pgbouncer",
    command: stillRunsAfter(1, "pgbouncer /etc/pgbouncer/pgbouncer.ini"),
    path: "/etc/pgbouncer/pgbouncer.ini",
    user: "postgres",
    right: "[databases]\napp = host=10.0.0.1\n[pgbouncer]\nlisten_port = 6432\npool_mode = transaction\n",
    wrong: [
      ["pool_mode", "pool_modee", "unknown parameter: pgbouncer/pool_modee"],
      ["transaction", "trans", 'invalid value "trans" for parameter pool_mode'],
      ["host=", "hosst=", "unrecognized connection parameter"],
    ],
  },
  {
    program: "pgbackrest",
    // A misspelt option is only a warning.
    command: "pgbackrest info 2>&1 | tee /dev/fd/2 | { ! grep -E 'WARN|ERROR'; }",
    path: "/etc/pgbackrest.conf",
    user: "postgres",
    right:
      "[global]\nrepo1-path=/tmp/repo\nrepo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=x\n[main]\npg1-path=/tmp/d\n",
    wrong: [
      ["repo1-path", "repo1-pathh", "invalid option 'repo1-pathh'"],
      ["aes-256-cbc", "aes", "'aes' is not allowed for 'repo1-cipher-type'"],
      ["[main]", "repo1-type=s3\n[main]", "requires option: repo1-s3-bucket"],
    ],
  },
  ...["valkey", "redis"].map((engine) => ({
    program: `${engine}-server`,
    command: stillRunsAfter(1, `${engine}-server /etc/own.conf`),
    path: "/etc/own.conf",
    right: "port 6379\ndir /tmp\nmaxmemory 100mb\nmaxmemory-policy allkeys-lru\n",
    wrong: [
      ["maxmemory 100mb", "maxmemoryy 100mb", ">>> 'maxmemoryy 100mb'"],
      ["allkeys-lru", "allkeys-lruu", "argument(s) must be one of the following"],
      ["dir /tmp", "dir /none", "No such file or directory"],
    ] as const,
  })),
  {
    program: "valkey-sentinel",
    command: stillRunsAfter(1, "valkey-sentinel /etc/own.conf"),
    path: "/etc/own.conf",
    right: "port 26379\ndir /tmp\nsentinel monitor main 10.0.0.1 6379 2\nsentinel down-after-milliseconds main 1000\n",
    wrong: [
      ["down-after-milliseconds", "down-after", "Unrecognized sentinel configuration statement"],
      ["10.0.0.1", "redis.internal", "Can't resolve instance hostname"],
    ],
  },
  {
    program: "etcd",
    command: stillRunsAfter(2, "etcd --config-file /etc/own.yml"),
    path: "/etc/own.yml",
    right: "name: one\ndata-dir: /tmp/etcd\nheartbeat-interval: 250\nelection-timeout: 2500\n",
    wrong: [
      ["250\n", "often\n", "cannot unmarshal string"],
      ["2500", "1000", "should be at least as 5 times"],
    ],
  },
  {
    program: "systemd-timesyncd",
    command:
      "{ timeout 1 /usr/lib/systemd/systemd-timesyncd || true; } 2>&1 | tee /dev/fd/2 | { ! grep -E 'Unknown|Failed to parse'; }",
    path: "/etc/systemd/timesyncd.conf.d/own.conf",
    right: "[Time]\nNTP=10.0.0.1\nPollIntervalMinSec=32\n",
    wrong: [
      ["NTP=", "NTPP=", "Unknown key 'NTPP'"],
      ["=32", "=soon", "Failed to parse PollIntervalMinSec=soon"],
    ],
  },
  {
    program: "apt-config",
    command: "apt-config dump",
    path: "/etc/apt/apt.conf.d/52own",
    right: 'Unattended-Upgrade::Automatic-Reboot "false";\n',
    wrong: [['"false"', '"false', "Syntax error"]],
  },
];

describeWithDebian("programs of the Debian tree as checks of their files", (debian) => {
  for (const { program, command, path, user, right, wrong } of checks) {
    const check = async (content: string) => {
      const { code, stdout, stderr } = await debian.script({ files: { [path]: content }, user, script: command });
      return { passed: code === 0, said: stdout + stderr };
    };

    test.concurrent(`${program} accepts a right file`, async () => {
      const { passed, said } = await check(right);
      expect(passed, said).toBe(true);
    });

    test.concurrent.each(wrong)(`${program} refuses %j replaced by %j`, async (part, replacement, message) => {
      const content = right.replace(part, replacement);
      expect(content).not.toBe(right);
      const { passed, said } = await check(content);
      expect(said).toContain(message);
      expect(passed).toBe(false);
    });
  }
});
