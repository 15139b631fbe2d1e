/** What the demo's run did, as a review of it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { EventReader } from "../../graph/events.ts";
import { maskSecrets } from "../../graph/mask.ts";
import { labFiles } from "../../lab/session/files.ts";
import { projectRoot } from "../project.ts";
import { render, review } from "../review/review.ts";

/** Takes a run's events as they come, and reviews them afterwards. */
export class RunReview {
  private readonly reader: EventReader;
  private broken: unknown;

  constructor(stack: string) {
    this.reader = new EventReader(`pulumi up of ${stack}`);
  }

  add(event: object): void {
    if (this.broken !== undefined) return;
    try {
      this.reader.add(JSON.stringify(event));
    } catch (error) {
      this.broken = error;
    }
  }

  /**
   * @param name of the lab, beside whose records the page is put
   * @returns a line for people: the page's path, or why there is none. What was deployed is there all the same
   */
  async write(name: string): Promise<string> {
    const files = labFiles(projectRoot, name);
    const path = join(files.folder, "review.html");
    try {
      if (this.broken !== undefined) throw this.broken;
      const read = this.reader.finish();
      // What no event says and is known here.
      const settings = {
        ...read.graph.settings,
        backend: pathToFileURL(files.state).href,
        secretsProvider: { type: "passphrase" },
      };
      const events = { ...read, graph: { ...read.graph, settings } };
      const reviewed = review({ graph: events.graph, events }, { folder: projectRoot });
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, await render(reviewed, "html", false));
      return `review of this run, for a browser: ${relative(process.cwd(), path)}`;
    } catch (error) {
      return `no review of this run: ${maskSecrets((error as Error).message)}`;
    }
  }
}
