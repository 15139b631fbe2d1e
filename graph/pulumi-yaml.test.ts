// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Pulumi YAML writes references like this.
import { expect, test } from "vitest";
import { COMPUTED, HIDDEN, type Resource, Secret } from "./model.ts";
import { canonicalType } from "./pulumi-types.ts";
import { type ProgramOptions, readPulumiYaml } from "./pulumi-yaml.ts";

const HEAD = `
name: web
runtime: yaml
config:
  region: { type: string, default: eu-central-1 }
  size: 2
  key: { type: string, secret: true }
  password: { type: string, secret: true, default: s3cr3t }
  needed: { type: string }
variables:
  host: db.\${region}.example.com
  image: { fn::invoke: { function: "aws:ec2:getAmi", arguments: { mostRecent: true } } }
resources:
  vpc: { type: "aws:ec2:Vpc", properties: { cidrBlock: 10.0.0.0/16, hops: { a: [x, y] } } }
`;

/** The first resource's value of a property that is written so. */
function evaluated(expression: string, options?: ProgramOptions) {
  const program = `${HEAD}  web: { type: "x:index:Y", properties: { p: ${expression} } }\n`;
  return readPulumiYaml(program, "x", options).resources.find(({ name }) => name === "web")!.inputs.p;
}

test.each<[string, unknown]>([
  ['"${region}"', "eu-central-1"],
  ['"${web:region}"', COMPUTED],
  ['"${size}"', 2],
  ['"a ${size} ${host}"', "a 2 db.eu-central-1.example.com"],
  ['"$${region} $${x"', "${region} ${x"],
  ['"100% $x $"', "100% $x $"],
  ['"${needed}"', COMPUTED],
  ['"a ${needed}"', COMPUTED],
  ['"${key}"', HIDDEN],
  ['"a ${key}"', HIDDEN],
  ['"${password}"', new Secret("s3cr3t")],
  ['"a:${password}@x"', new Secret("a:s3cr3t@x")],
  ['"${image.id}"', COMPUTED],
  ['"${nowhere}"', COMPUTED],
  ['"${vpc.id}"', COMPUTED],
  ['"${vpc.arn}"', COMPUTED],
  ['"${vpc.cidrBlock}"', "10.0.0.0/16"],
  ['"${vpc.hops.a[1]}"', "y"],
  ['"${vpc.hops["a"][0]}"'.replaceAll('["a"]', '[\\"a\\"]'), "x"],
  ['"${vpc}"', { urn: "urn:pulumi:dev::web::aws:ec2/vpc:Vpc::vpc", id: COMPUTED }],
  ['"${pulumi.stack}/${pulumi.project}"', "dev/web"],
  ['{ fn::toBase64: "${host}" }', Buffer.from("db.eu-central-1.example.com").toString("base64")],
  ["{ fn::fromBase64: aGk= }", "hi"],
  ['{ fn::toBase64: "${password}" }', new Secret(Buffer.from("s3cr3t").toString("base64"))],
  ['{ fn::toJSON: { a: [1, "${host}", null] } }', '{"a":[1,"db.eu-central-1.example.com",null]}'],
  ['{ fn::toJSON: { a: "${needed}" } }', COMPUTED],
  ['{ fn::toJSON: { a: "${password}" } }', new Secret('{"a":"s3cr3t"}')],
  ['{ fn::join: ["-", [a, "${size}"]] }', "a-2"],
  ['{ fn::split: [".", "a.b"] }', ["a", "b"]],
  ["{ fn::select: [1, [a, b]] }", "b"],
  ["{ fn::substring: [abcdef, 1, 2] }", "bc"],
  ['{ fn::secret: { a: "${host}" } }', new Secret({ a: "db.eu-central-1.example.com" })],
  ['{ fn::stringAsset: "x ${size}" }', { text: "x 2" }],
  ["{ fn::fileAsset: ./a.sh }", { path: "./a.sh" }],
  ['{ fn::remoteArchive: "https://x/a.zip" }', { uri: "https://x/a.zip" }],
  ["{ fn::assetArchive: { a: { fn::stringAsset: b } } }", { assets: { a: { text: "b" } } }],
  ["{ fn::readFile: ./a.sh }", COMPUTED],
  ["{ Fn::Secret: a }", new Secret("a")],
  ["{ fn::random:index:thing: { a: 1 } }", COMPUTED],
  ["{ a: { fn::secret: b }, c: [true, null, 1.5] }", { a: new Secret("b"), c: [true, null, 1.5] }],
])("%s", (expression, expected) => {
  expect(evaluated(expression)).toEqual(expected);
});

test("given configuration takes the place of defaults, and stays secret", () => {
  expect(evaluated('"${region}"', { config: { region: "us-east-1" } })).toBe("us-east-1");
  expect(evaluated('"${key}"', { config: { key: "k" } })).toEqual(new Secret("k"));
});

test("resources know what their values come from, and their options", () => {
  const program = `${HEAD}
  web:
    type: hcloud:Server
    name: web-1
    properties:
      user: "\${host} \${vpc.id}"
      plain: x
    options: { protect: true, retainOnDelete: true, dependsOn: ["\${other}"], provider: "\${eu}", parent: "\${vpc}" }
  other: { type: "hcloud:index/network:Network", get: { id: "7" } }
  eu: { type: "pulumi:providers:hcloud" }
`;
  const graph = readPulumiYaml(program, "Pulumi.yaml");
  const web = graph.resources.find(({ name }) => name === "web-1") as Resource;
  const vpc = "urn:pulumi:dev::web::aws:ec2/vpc:Vpc::vpc";
  const other = "urn:pulumi:dev::web::hcloud:index/network:Network::other";
  expect(web).toMatchObject({
    urn: "urn:pulumi:dev::web::hcloud:index/server:Server::web-1",
    type: "hcloud:index/server:Server",
    parent: vpc,
    provider: "urn:pulumi:dev::web::pulumi:providers:hcloud::eu",
    protect: true,
    retainOnDelete: true,
    dependencies: [vpc, other],
    propertyDependencies: { user: [vpc] },
    origin: "line 16",
  });
  expect(graph.resources.find(({ name }) => name === "other")).toMatchObject({ external: true, id: "7" });
  expect(graph.source).toEqual({ kind: "program", name: "Pulumi.yaml", stack: "dev", project: "web" });
});

test("what names nothing is told", () => {
  const { limits } = readPulumiYaml(`${HEAD}  web: { type: "x:index:Y", properties: { p: "\${typo.id}" } }\n`, "x");
  expect(limits).toContain("${typo} names nothing in the program");
});

test.each([
  ["aws:s3:Bucket", "aws:s3/bucket:Bucket"],
  ["hcloud:Server", "hcloud:index/server:Server"],
  ["hcloud:index:Server", "hcloud:index/server:Server"],
  ["aws:s3/bucket:Bucket", "aws:s3/bucket:Bucket"],
  ["kubernetes:core/v1:Pod", "kubernetes:core/v1:Pod"],
  ["azure-native:storage:StorageAccount", "azure-native:storage:StorageAccount"],
  ["pulumi:providers:aws", "pulumi:providers:aws"],
])("%s is %s", (given, type) => {
  expect(canonicalType(given)).toBe(type);
});

test.each<[string, string]>([
  ["", "x: a program is one YAML document"],
  ["a: 1\n---\nb: 2", "x, line 3: a program is one YAML document"],
  ["a: [", "x, line 1: no valid YAML"],
  ["name: a\nruntime: nodejs", 'x, line 1: this is no Pulumi YAML program: it has no "resources"'],
  ["resources: []", "x, line 1: resources must be an object"],
  ["resources:\n  a: {}", "x, line 2: resources.a needs a type"],
  ["resources:\n  a: { type: 'x:Y', properties: [] }", "x, line 2: resources.a.properties must be an object"],
  [
    "variables:\n  a: ${b}\n  b: ${a}\nresources: { r: { type: 'x:Y', properties: { p: '${a}' } } }",
    "variables.a refers to itself",
  ],
  [
    "resources:\n  a: { type: 'x:Y', properties: { p: '${b.p}' } }\n  b: { type: 'x:Y', properties: { p: '${a.p}' } }",
    "x, line 2: resources.a refers to itself",
  ],
  ["resources: { r: { type: 'x:Y', properties: { p: '${a[}' } } }", "${a[} is no reference"],
  ["resources: { r: { type: 'x:Y', properties: { p: { fn::join: a } } } }", "fn::join takes a separator and a list"],
])("%j is refused", (text, message) => {
  expect(() => readPulumiYaml(text, "x")).toThrow(message);
});

test("a program that grows when it is written out is refused", () => {
  const doubling = (make: (i: number) => string) =>
    `variables:\n  v0: aaaaaaaaaa\n${Array.from({ length: 40 }, (_, i) => `  v${i + 1}: ${make(i)}\n`).join("")}` +
    `resources: { r: { type: "x:Y", properties: { p: "\${v40}" } } }\n`;
  expect(() =>
    readPulumiYaml(
      doubling((i) => `"\${v${i}}\${v${i}}"`),
      "x",
    ),
  ).toThrow(/too (big|long) to be written out/);
  expect(() =>
    readPulumiYaml(
      doubling((i) => `["\${v${i}}", "\${v${i}}"]`),
      "x",
    ),
  ).toThrow("too big to be written out");
  const bomb = `a: &a [x,x]\n${"bcdefghij"
    .split("")
    .map((name, i) => `${name}: &${name} [${Array(10).fill(`*${"abcdefghi"[i]}`).join(",")}]\n`)
    .join("")}resources: {}`;
  expect(() => readPulumiYaml(bomb, "x")).toThrow("no valid YAML: Excessive alias count");
});
