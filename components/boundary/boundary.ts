import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { type DataClass, dataClassLabels } from "../../catalogue/data-classes.ts";
import { extendPath } from "../../graph/path.ts";
import { handlesData, sideProblems } from "./classes.ts";
import { crossingProblem, type Placed, placeOf } from "./sides.ts";
import { type Known, type Leaf, sharedValues } from "./values.ts";

export interface BoundaryArgs {
  /**
   * Data classes of the core, by component: what is in it gets them as its label, unless it states its own. The innermost component that is
   * named counts.
   */
  readonly classes: Readonly<Record<string, readonly DataClass[]>>;
}

/** What the SDK's outputs know of themselves, beside what it declares. */
interface Traced {
  readonly isKnown: Promise<boolean>;
  promise(): Promise<unknown>;
  allResources(): Promise<ReadonlySet<pulumi.Resource>>;
}

/** A value among a resource's inputs, and where it comes from. */
interface Origin extends Leaf {
  readonly from: readonly pulumi.Resource[];
}

/** All values of an input with their paths. A value that is not known yet is undefined, as a whole. */
async function originsOf(value: unknown, path = ""): Promise<Origin[]> {
  const seen = await value;
  if (pulumi.Output.isInstance(seen)) {
    const traced = seen as unknown as Traced;
    const [from, isSecret, isKnown] = await Promise.all([traced.allResources(), pulumi.isSecret(seen), traced.isKnown]);
    const inner = isKnown ? await originsOf(await traced.promise(), path) : [];
    const leaves = inner.length > 0 ? inner : [{ path, value: undefined, isSecret, from: [] }];
    return leaves.map((leaf) => ({ ...leaf, isSecret: leaf.isSecret || isSecret, from: [...leaf.from, ...from] }));
  }
  if (pulumi.Resource.isInstance(seen)) return [{ path, value: undefined, isSecret: false, from: [seen] }];
  if (Array.isArray(seen))
    return (await Promise.all(seen.map((item, index) => originsOf(item, extendPath(path, index))))).flat();
  if (seen !== null && typeof seen === "object" && Object.getPrototypeOf(seen) === Object.prototype)
    return (
      await Promise.all(Object.entries(seen).map(([name, item]) => originsOf(item, extendPath(path, name))))
    ).flat();
  return [{ path, value: seen, isSecret: false, from: [] }];
}

/**
 * The line between the sovereign core and the edge. Looks at each resource before it is registered: what an edge site takes from the core (or the
 * core from an edge site) stops the preview with the path; what is shared by value, and data classes on the wrong side, are found by `verify`.
 */
export class Boundary {
  readonly #places = new WeakMap<pulumi.Resource, Placed>();
  readonly #known: Known[] = [];
  readonly #learning: Promise<void>[] = [];
  /** What is wrong, as far as it was looked at, each with its path. */
  readonly problems: ReadonlySet<string>;
  readonly #problems = new Set<string>();
  /** What was said already, by the resource that was not registered. */
  readonly #told = new Set<string>();
  readonly #broken = Promise.withResolvers<void>();
  readonly #classes: BoundaryArgs["classes"];

  constructor(args: BoundaryArgs) {
    this.#classes = args.classes;
    this.problems = this.#problems;
  }

  /** For a component's `transformations`, or with `pulumi.runtime.registerStackTransformation` for all that comes after. */
  readonly transformation: pulumi.ResourceTransformation = ({ resource, type, name, props, opts }) => {
    const place = placeOf(type, name, opts.parent && this.#places.get(opts.parent));
    this.#places.set(resource, place);
    const stamped = this.#stamp(place, props);
    const origins = originsOf(stamped);
    this.#learning.push(this.#learn(resource, place, origins));
    const given = opts.dependsOn === undefined ? [] : [opts.dependsOn].flat();
    // The engine hears of the resource only when its dependencies are there.
    const checked = this.#check(place, origins).then((): pulumi.Resource[] => []);
    checked.catch(() => undefined);
    return { props: stamped, opts: { ...opts, dependsOn: [...given, checked] as pulumi.Input<pulumi.Resource>[] } };
  };

  /**
   * Waits for everything that was registered so far.
   * @throws RunError with every problem that was not said before
   */
  async verify(): Promise<void> {
    // A resource that is not registered never gets an id, nor do those that wait for it: what is known then has to do.
    await Promise.race([this.#everything(), this.#broken.promise.then(() => setImmediate())]);
    for (const problem of [...sideProblems(this.#known), ...sharedValues(this.#known)]) this.#problems.add(problem);
    if (this.#problems.size === 0) return;
    const rest = [...this.#problems].filter((problem) => !this.#told.has(problem));
    const said = rest.length < this.#problems.size ? " See also what was said before." : "";
    throw new pulumi.RunError([`The boundary between core and edge is broken.${said}`, ...rest].join("\n  "));
  }

  /** What is made while others are waited for is waited for too. */
  async #everything(): Promise<void> {
    let seen = -1;
    while (seen < this.#learning.length) {
      seen = this.#learning.length;
      await Promise.all(this.#learning);
      await setImmediate();
    }
  }

  #stamp(place: Placed, props: pulumi.Inputs): pulumi.Inputs {
    if (place.side !== "core" || !handlesData(place.type)) return props;
    const component = place.within.findLast((name) => Object.hasOwn(this.#classes, name));
    if (component === undefined) return props;
    const own = dataClassLabels(this.#classes[component]!);
    return { ...props, labels: pulumi.output(props.labels).apply((labels) => ({ ...own, ...labels })) };
  }

  async #check(place: Placed, origins: Promise<readonly Origin[]>): Promise<void> {
    const problems = new Set<string>();
    for (const { path, from } of await origins)
      for (const resource of from) {
        const other = this.#places.get(resource);
        const problem = other && crossingProblem(place, path, other);
        if (problem) problems.add(problem);
      }
    if (problems.size === 0) return;
    for (const problem of problems) {
      this.#problems.add(problem);
      this.#told.add(problem);
    }
    this.#broken.resolve();
    throw new pulumi.RunError([...problems].join("\n"));
  }

  /** What can be known of a resource. One that fails is the engine's to tell. */
  async #learn(resource: pulumi.Resource, place: Placed, origins: Promise<readonly Origin[]>): Promise<void> {
    try {
      const leaves = await origins;
      const id = (resource as Partial<pulumi.CustomResource>).id as unknown as Traced | undefined;
      const isThere = id !== undefined && (await id.isKnown);
      this.#known.push({ place, leaves, ...(isThere ? { id: String(await id.promise()) } : {}) });
    } catch {
      // Nothing is known of it.
    }
  }
}

/** Guards everything that the program makes from here on. */
export function guardBoundary(args: BoundaryArgs): Boundary {
  const boundary = new Boundary(args);
  pulumi.runtime.registerStackTransformation(boundary.transformation);
  return boundary;
}
