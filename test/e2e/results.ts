import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "../support/upstream/answer.ts";
import { AGENTS, type Agent } from "./agents.ts";
import { VERSIONS } from "./install.ts";
import { SCENARIOS } from "./scenarios.ts";

/** What every agent did over every provider format; `docs/clients.md` shows it as the run found it. */
export class Results {
  readonly #passed = new Set<string>();

  passed(agent: Agent, format: UpstreamFormat, scenario: string): void {
    this.#passed.add(`${agent.name}|${format}|${scenario}`);
  }

  /** The page as it is, and as it should be. */
  page(): { found: string; made: string } {
    const found = readFileSync(PAGE, "utf8");
    const start = found.indexOf(OPEN);
    const end = found.indexOf(CLOSE);
    if (start === -1 || end < start) throw new Error("docs/clients.md has no markers for the agents' table");
    return { found, made: `${found.slice(0, start + OPEN.length)}\n${this.#table()}\n${found.slice(end)}` };
  }

  write(): void {
    writeFileSync(PAGE, this.page().made);
  }

  #table(): string {
    const head = ["agent", ...UPSTREAM_FORMATS.map((format) => `\`${format}\``)];
    const rows = AGENTS.map((agent) => [
      `${agent.name}, ${VERSIONS[agent.package]}`,
      ...UPSTREAM_FORMATS.map((format) => this.#cell(agent, format)),
    ]);
    return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  }

  #cell(agent: Agent, format: UpstreamFormat): string {
    const failed = SCENARIOS.filter(({ name }) => !this.#passed.has(`${agent.name}|${format}|${name}`));
    if (failed.length === SCENARIOS.length) return "no";
    return failed.length === 0 ? "all" : `all but ${failed.map(({ name }) => name).join(", ")}`;
  }
}

const PAGE = fileURLToPath(new URL("../../docs/clients.md", import.meta.url));
const OPEN = "<!-- made by the run of the agents -->";
const CLOSE = "<!-- end of the agents -->";
