import { join } from "node:path";
import { until } from "../../test/support/until.ts";
import type { UpstreamFormat } from "../../test/support/upstream/answer.ts";
import { chatDialect } from "../../test/support/upstream/upstream.ts";
import type { Rig, Running } from "./processes.ts";
import type { Deed } from "./requests.ts";
import type { UpstreamCounts, UpstreamNote, UpstreamOrder } from "./upstream-words.ts";

/** The parent's end of a scripted upstream. */
export class Provider {
  readonly running: Running;
  /** When the request with a tag arrived, and when its connection closed before its time. */
  readonly arrived = new Map<string, number>();
  readonly closed = new Map<string, number>();
  #told: ((counts: UpstreamCounts) => void) | undefined;

  constructor(running: Running) {
    this.running = running;
    running.child.on("message", (note: UpstreamNote | UpstreamCounts) => {
      if (note.type === "counts") this.#told?.(note);
      else this[note.type].set(note.tag, note.at);
    });
  }

  /** The base_url of an API here; `deed` for all its requests, or what each prompt says. */
  base(format: UpstreamFormat, deed: Deed | "-" = "-"): string {
    return `${this.running.url}/${format}/${deed}${chatDialect(format).base}`;
  }

  counts(): Promise<UpstreamCounts> {
    return this.#order({ type: "count" });
  }

  /** What it answers from now on. */
  async says(text: string): Promise<void> {
    await this.#order({ type: "text", text });
  }

  async hasArrived(tag: string): Promise<number> {
    await until(() => this.arrived.has(tag), `request ${tag} to arrive`, 30_000);
    return this.arrived.get(tag) ?? Number.NaN;
  }

  #order(order: UpstreamOrder): Promise<UpstreamCounts> {
    return new Promise((resolve) => {
      this.#told = resolve;
      this.running.child.send(order);
    });
  }
}

export async function startProvider(rig: Rig): Promise<Provider> {
  return new Provider(await rig.start(process.execPath, [join(import.meta.dirname, "upstream.ts")]));
}

/** A provider's table in a config. */
export function providerToml(name: string, format: UpstreamFormat, baseUrl: string, more = ""): string {
  return `[[providers]]\nname = "${name}"\nformat = "${format}"\nbase_url = "${baseUrl}"\n${more}\n`;
}

/** A config with one provider, which gets everything. */
export function plainConfig(baseUrl: string, more = "", provider = ""): string {
  return `[server]\nport = 0\n${more}\n${providerToml("up", "openai", baseUrl, provider)}\n[[routers]]\ntype = "fallback"\n`;
}
