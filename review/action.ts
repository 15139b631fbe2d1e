/** What becomes of a resource, in the words of reports. */
import type { Resource } from "../graph/model.ts";
import { parseUrn } from "../graph/urn.ts";
import type { Action, Ref } from "./model.ts";
import { nameShown, typeShown } from "./shown.ts";

/** `none`: stays as it is. `read`: only looked at. */
export function actionOf({ change, urn, aliases, retainOnDelete }: Resource): Action | "none" | "read" {
  switch (change?.op) {
    case undefined:
    case "same":
      return moved(urn, aliases) ?? "none";
    case "update":
    case "other":
      return moved(urn, aliases) ?? "update";
    case "read":
    case "refresh":
      return "read";
    case "create":
      return "create";
    case "import":
      return "import";
    case "replace":
    case "create-replacement":
      return "replace";
    case "delete":
    case "delete-replaced":
      return retainOnDelete ? "forget" : "delete";
    case "discard":
      return "forget";
  }
}

/** The first alias is where the engine found it: another name is a rename, another parent a move. */
function moved(urn: string, [previous]: readonly string[]): "rename" | "move" | undefined {
  if (previous === undefined || previous === urn) return undefined;
  const [now, then] = [parseUrn(urn), parseUrn(previous)];
  return now && then && now.name === then.name ? "move" : "rename";
}

const refs = new WeakMap<object, Ref>();

/** Always the same for a resource, as many lists name it. */
export function ref(resource: Pick<Resource, "urn" | "name" | "type">): Ref {
  const known = refs.get(resource);
  if (known) return known;
  const made = { urn: nameShown(resource.urn), name: nameShown(resource.name), type: typeShown(resource.type) };
  refs.set(resource, made);
  return made;
}
