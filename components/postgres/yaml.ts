import { stringify } from "yaml";

/** YAML that Python's and Go's readers take as it was meant: a text such as "off" is quoted, so that it stays a text. */
export function renderYaml(value: unknown): string {
  return stringify(value, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}
