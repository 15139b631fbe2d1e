import { groupBy } from "../../group.ts";
import { counted } from "../../markup.ts";
import type { Flow, Review } from "../../model.ts";
import { html, Markup } from "../template.ts";
import { STANDINGS, section } from "../words.ts";

/** The picture, and as a table what it folds. */
export function topologySection({ topology }: Review, picture: string): Markup {
  const { flows, nodes, places } = topology;
  const foreign = new Set(
    places.filter(({ standing }) => standing !== "eu" && standing !== "unknown").map(({ key }) => key),
  );
  const standing = nodes.filter(({ place, action }) => foreign.has(place) && action !== "delete").length;
  const leaving = flows.filter(({ leaves }) => leaves === "yes");
  return section(
    "picture",
    "Where it stands, and who talks to whom",
    html`<figure>
<div class="canvas" tabindex="0" role="group" aria-label="Picture: scroll to see all of it">${new Markup(picture)}</div>
<figcaption><ul class="legend"><li class="mark create"><span class="sign" aria-hidden="true">+</span>created</li><li class="mark update"><span class="sign" aria-hidden="true">~</span>updated</li><li class="mark replace"><span class="sign" aria-hidden="true">±</span>replaced (dashes)</li><li class="mark delete"><span class="sign" aria-hidden="true">−</span>deleted (dots)</li><li class="mark leaves"><span class="sign" aria-hidden="true">⟶</span>leaves the EU</li></ul></figcaption>
</figure>
${flows.length > 0 && flowTable(flows, leaving.length > 0)}`,
    {
      aside:
        leaving.length + standing > 0
          ? html`<span class="mark delete">outside the EU: ${counted(standing, "resource")}, ${counted(new Set(leaving.map(({ host }) => host)).size, "host")} that data flows to</span>`
          : "nothing that is known to stand outside the EU, or to lead there",
    },
  );
}

const ORDER = { yes: 0, unknown: 1, no: 2 } as const;
const LEAVES = { yes: "leaves the EU", unknown: "not known", no: "no" } as const;
const PRESENCES = { added: "new", removed: "gone", kept: "", changed: "changed" } as const;
/** Hosts that are listed. */
const ROWS = 500;

function flowTable(flows: readonly Flow[], open: boolean): Markup {
  const groups = [...groupBy(flows, ({ host, presence }) => `${presence}\u0000${host}`).values()].sort(
    ([a], [b]) => ORDER[a!.leaves] - ORDER[b!.leaves] || (a!.host < b!.host ? -1 : 1),
  );
  return html`<details class="block"${open && html` open`}><summary>Data flows outwards: ${counted(groups.length, "host")}</summary>
<table><thead><tr><th scope="col">To</th><th scope="col">Whose</th><th scope="col">Law</th><th scope="col">Leaves</th><th scope="col">Data</th><th scope="col">From</th></tr></thead><tbody>
${groups.slice(0, ROWS).map(flowRow)}</tbody></table>
${groups.length > ROWS && html`<p class="note">${groups.length - ROWS} more are not listed.</p>`}</details>`;
}

function flowRow(group: readonly Flow[]): Markup {
  const [{ host, vendor, jurisdiction, leaves, presence, standing }] = group as [Flow, ...Flow[]];
  const ports = [...new Set(group.flatMap(({ port }) => port ?? []))].sort((a, b) => a - b);
  const forms = [...new Set(group.map(({ form }) => form))].sort();
  const classes = [...new Set(group.flatMap((flow) => flow.classes))].sort();
  const names = [...new Set(group.map(({ from }) => from.slice(from.lastIndexOf("::") + 2)))];
  return html`<tr data-find><th scope="row">${host}${ports.length > 0 && html`<span class="soft">:${ports.join(", ")}</span>`}${PRESENCES[presence] && html` <span class="tag">${PRESENCES[presence]}</span>`}</th><td data-title="Whose">${vendor ?? html`<span class="soft">not known</span>`}</td><td data-title="Law">${jurisdiction ?? ""} <span class="soft">${STANDINGS[standing]}</span></td><td data-title="Leaves"${leaves === "yes" && html` class="mark delete"`}>${LEAVES[leaves]}</td><td data-title="Data">${classes.join(", ")}</td><td data-title="From">${names.slice(0, 3).join(", ")}${names.length > 3 && ` and ${names.length - 3} more`} <span class="soft">${forms.join(", ")}</span></td></tr>
`;
}
