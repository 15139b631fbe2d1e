/** Programs written in Pulumi YAML, read without an engine: what can be known from the text alone. */
import { isObject, objectAt } from "./checks.ts";
import { InputError } from "./errors.ts";
import { Evaluator, type Scope } from "./evaluator.ts";
import { COMPUTED, type Graph, HIDDEN, type Properties, type Resource, type Value } from "./model.ts";
import { canonicalType } from "./pulumi-types.ts";
import { type Place, secret, toValue } from "./values.ts";
import { parseYaml, type YamlDocument } from "./yaml.ts";

export interface ProgramOptions {
  /** @default "dev" */
  readonly stack?: string;
  /** Configuration by key; takes the place of the program's defaults. */
  readonly config?: Readonly<Record<string, unknown>>;
}

type Raw = Record<string, unknown>;

/**
 * Reads a program. Interpolations of configuration, variables and other resources' inputs are filled in; what only a deployment or a
 * file would tell is {@link COMPUTED}; secrets are shown as such. Nothing is invoked and no file is opened.
 * @throws {InputError} for what is no Pulumi YAML program, with the line.
 */
export function readPulumiYaml(text: string, name: string, options: ProgramOptions = {}): Graph {
  const documents = parseYaml(text, name).filter(({ value }) => value !== undefined);
  if (documents.length !== 1) throw new InputError(name, "a program is one YAML document", documents[1]?.line);
  return new Program(documents[0]!, name, options).graph();
}

class Program implements Scope {
  private readonly name: string;
  private readonly document: YamlDocument;
  private readonly project: string;
  private readonly stack: string;
  private readonly config: Map<string, Value>;
  private readonly variables: Raw;
  private readonly declared: Raw;
  private readonly evaluator: Evaluator;
  private readonly values = new Map<string, Value>();
  private readonly inputs = new Map<string, Inputs>();
  private readonly open = new Set<string>();
  private readonly nowhere = new Set<string>();

  constructor(document: YamlDocument, name: string, options: ProgramOptions) {
    this.name = name;
    this.document = document;
    const program = objectAt(document.value, "a program", { source: name, line: document.line });
    this.declared = this.section(program, "resources");
    this.variables = this.section(program, "variables");
    this.project = typeof program.name === "string" ? program.name : "program";
    this.stack = options.stack ?? "dev";
    const place = this.placeOf("config");
    this.config = configuration(
      { ...this.section(program, "config"), ...this.section(program, "configuration") },
      options,
      place,
    );
    this.evaluator = new Evaluator(this);
    if (!Object.keys(this.declared).length && !("resources" in program)) {
      throw new InputError(name, 'this is no Pulumi YAML program: it has no "resources"', document.line);
    }
  }

  graph(): Graph {
    const resources = Object.keys(this.declared).map((name) => this.resource(name));
    const config: Properties = Object.fromEntries(this.config);
    return {
      source: { kind: "program", name: this.name, stack: this.stack, project: this.project },
      resources,
      settings: { config },
      limits: [
        "a program's text tells nothing of what providers would answer",
        ...[...this.nowhere].map((name) => `\${${name}} names nothing in the program`),
      ],
    };
  }

  placeOf(...path: string[]): Place {
    return { source: this.name, line: this.document.lineOf(path) };
  }

  /** What `${name}` stands for. */
  lookUp(name: string, used: Set<string>): Value {
    if (Object.hasOwn(this.declared, name)) {
      const urn = this.urn(name);
      used.add(urn);
      return { urn, id: COMPUTED };
    }
    if (Object.hasOwn(this.variables, name)) return this.variable(name, used);
    const key = this.config.has(name) ? name : `${this.project}:${name}`;
    const configured = this.config.get(key);
    if (configured !== undefined) return configured;
    if (name === "pulumi") return { stack: this.stack, project: this.project };
    this.nowhere.add(name);
    return COMPUTED;
  }

  /** What `${name.property}` stands for where the name is a resource's: its input, or what only a provider knows. */
  propertyOf(name: string, property: string | number): Value | undefined {
    if (!Object.hasOwn(this.declared, name)) return undefined;
    if (property === "urn") return this.urn(name);
    if (property === "id" || typeof property === "number") return COMPUTED;
    // A property's expressions may look at the same resource's other properties only through another resource: a cycle.
    const { properties } = this.inputsOf(name);
    return Object.hasOwn(properties, property) ? properties[property] : COMPUTED;
  }

  private section(program: Raw, name: string): Raw {
    const section = program[name];
    return section === undefined || section === null ? {} : objectAt(section, name, this.placeOf(name));
  }

  private variable(name: string, used: Set<string>): Value {
    const known = this.values.get(name);
    if (known !== undefined) {
      for (const urn of this.evaluator.usedBy(`variables.${name}`)) used.add(urn);
      return known;
    }
    const value = this.once("variables", name, () => {
      const own = this.evaluator.usedBy(`variables.${name}`);
      const result = this.evaluator.value(this.variables[name], this.placeOf("variables", name), own);
      for (const urn of own) used.add(urn);
      return result;
    });
    this.values.set(name, value);
    return value;
  }

  private once<T>(section: string, name: string, evaluate: () => T): T {
    const key = `${section}.${name}`;
    const { line } = this.placeOf(section, name);
    if (this.open.has(key)) throw new InputError(this.name, `${key} refers to itself`, line);
    this.open.add(key);
    try {
      return evaluate();
    } finally {
      this.open.delete(key);
    }
  }

  private declaration(name: string): Raw {
    return objectAt(this.declared[name], `resources.${name}`, this.placeOf("resources", name));
  }

  private type(name: string): string {
    const { type } = this.declaration(name);
    if (typeof type === "string" && type) return canonicalType(type);
    throw new InputError(this.name, `resources.${name} needs a type`, this.placeOf("resources", name).line);
  }

  private urn(name: string): string {
    return `urn:pulumi:${this.stack}::${this.project}::${this.type(name)}::${this.logicalName(name)}`;
  }

  private logicalName(name: string): string {
    const { name: own } = this.declaration(name);
    return typeof own === "string" ? own : name;
  }

  private inputsOf(name: string): Inputs {
    const known = this.inputs.get(name);
    if (known) return known;
    const made = this.once("resources", name, () => {
      const given = this.declaration(name).properties ?? {};
      const place = this.placeOf("resources", name, "properties");
      const properties: Record<string, Value> = {};
      const dependencies: Record<string, readonly string[]> = {};
      for (const [property, expression] of Object.entries(objectAt(given, `resources.${name}.properties`, place))) {
        const used = new Set<string>();
        const value = this.evaluator.value(expression, place, used);
        Object.defineProperty(properties, property, { value, enumerable: true, configurable: true, writable: true });
        if (used.size) dependencies[property] = [...used].sort();
      }
      return { properties, dependencies };
    });
    this.inputs.set(name, made);
    return made;
  }

  private resource(name: string): Resource {
    const declaration = this.declaration(name);
    const type = this.type(name);
    const place = this.placeOf("resources", name);
    const { properties, dependencies } = this.inputsOf(name);
    const options = isObject(declaration.options) ? declaration.options : {};
    const urns = (option: unknown) => this.references(option, place);
    const parent = urns(options.parent)[0];
    const provider = urns(options.provider)[0];
    const get = isObject(declaration.get) ? declaration.get : undefined;
    const id = get && this.evaluator.value(get.id, place, new Set());
    return {
      urn: this.urn(name),
      type,
      name: this.logicalName(name),
      custom: true,
      ...(parent && { parent }),
      ...(provider && { provider }),
      inputs: properties,
      ...(typeof id === "string" && { id }),
      dependencies: [...new Set([...urns(options.dependsOn), ...Object.values(dependencies).flat()])].sort(),
      propertyDependencies: dependencies,
      protect: options.protect === true,
      ...(get && { external: true }),
      ...(options.retainOnDelete === true && { retainOnDelete: true }),
      aliases: [],
      origin: `line ${place.line}`,
    };
  }

  /** URNs of the resources that an option names. */
  private references(option: unknown, place: Place): string[] {
    const used = new Set<string>();
    if (option !== undefined && option !== null) this.evaluator.value(option, place, used);
    return [...used].sort();
  }
}

interface Inputs {
  readonly properties: Properties;
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
}

function configuration(declared: Raw, { config }: ProgramOptions, place: Place): Map<string, Value> {
  const values = new Map<string, Value>();
  const own = new Set<string>();
  for (const [key, declaration] of Object.entries(declared)) {
    const described =
      isObject(declaration) && ("type" in declaration || "default" in declaration || "value" in declaration);
    const given = described ? (declaration.default ?? declaration.value) : declaration;
    if (described && declaration.secret === true) own.add(key);
    values.set(key, given === undefined ? COMPUTED : toValue(structuredClone(given), place));
  }
  for (const [key, value] of Object.entries(config ?? {})) values.set(key, toValue(structuredClone(value), place));
  for (const key of own) values.set(key, values.get(key) === COMPUTED ? HIDDEN : secret(values.get(key)!));
  return values;
}
