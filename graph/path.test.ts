import fc from "fast-check";
import { expect, test } from "vitest";
import { COMPUTED, HIDDEN, Secret } from "./model.ts";
import { extendPath, type PathSegment, parsePropertyPath, propertyPath, valueAt } from "./path.ts";

// As the engine's own tests of property paths have them, and as recorded streams do.
test.each<[string, PathSegment[], string]>([
  ["root.nested", ["root", "nested"], "root.nested"],
  ['root["nested"]', ["root", "nested"], "root.nested"],
  ["root.array[0].double[1]", ["root", "array", 0, "double", 1], "root.array[0].double[1]"],
  ["root[0][1]", ["root", 0, 1], "root[0][1]"],
  [
    'root["key with \\"escaped\\" quotes"]',
    ["root", 'key with "escaped" quotes'],
    'root["key with \\"escaped\\" quotes"]',
  ],
  ['["root key with a ."][100]', ["root key with a .", 100], '["root key with a ."][100]'],
  ["root.array[*].field", ["root", "array", "*", "field"], 'root.array["*"].field'],
  ['labels["app.kubernetes.io/name"]', ["labels", "app.kubernetes.io/name"], 'labels["app.kubernetes.io/name"]'],
  ["foo-bar.x", ["foo-bar", "x"], '["foo-bar"].x'],
  ["root.[0]", ["root", 0], "root[0]"],
  ["größe", ["größe"], '["größe"]'],
])("%s", (path, segments, canonical) => {
  expect(parsePropertyPath(path)).toEqual(segments);
  expect(propertyPath(segments)).toBe(canonical);
});

test.each([".root", "root.", "root[", "root[1", 'root["a', 'root["a"', 'root["a"x]', "root[1e3]", "root[-1]"])(
  "%s is refused",
  (path) => {
    expect(() => parsePropertyPath(path)).toThrow(SyntaxError);
  },
);

test("what is written is read back", () => {
  // The engine escapes quotes only: a backslash before the closing quote cannot be told from an escape.
  const name = fc.string({ unit: "binary" }).filter((text) => !text.endsWith("\\"));
  fc.assert(
    fc.property(fc.array(fc.oneof(name, fc.nat(1_000_000)), { minLength: 1 }), (segments) => {
      expect(parsePropertyPath(propertyPath(segments))).toEqual(segments);
    }),
  );
});

test("a path grows as it is written whole", () => {
  expect(extendPath(extendPath(extendPath("", "rules"), 0), "a.b")).toBe(propertyPath(["rules", 0, "a.b"]));
});

test("what stands at a path: through secrets, up to what is not shown, never on a prototype", () => {
  const properties = {
    rules: [{ port: "443" }],
    env: new Secret({ DSN: "https://x" }),
    hidden: HIDDEN,
    nets: [COMPUTED],
    none: null,
  };
  expect(valueAt(properties, "rules[0].port")).toBe("443");
  expect(valueAt(properties, "env.DSN")).toBe("https://x");
  expect(valueAt(properties, "hidden.a.b")).toBe(HIDDEN);
  expect(valueAt(properties, "nets[0]")).toBe(COMPUTED);
  expect(valueAt(properties, "none")).toBeNull();
  for (const path of ["rules[1]", "rules.length", "none.a", "constructor", "__proto__", "rules[0].port.length", "a["]) {
    expect(valueAt(properties, path)).toBeUndefined();
  }
});
