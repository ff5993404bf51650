import type { Io } from "../io.ts";
import { featureTable } from "./deep/feature-table.ts";
import type { DeepLook } from "./deep/run-deep.ts";
import { counted, type Finding, type Section, type State } from "./finding.ts";
import { bold, inColour, type Screen, SIGNS, wrapped } from "./paint.ts";
import type { Result } from "./result.ts";

/** In words too: colours and signs are not for everybody. */
const WORDS: Readonly<Record<State, string>> = { ok: "ok", warning: "warning", failed: "failed", skipped: "skipped" };
const CHECK_WIDTH = 10;
const INDENT = " ".repeat(2 + 2 + 8 + CHECK_WIDTH + 1);
const NARROWEST = 24;

/** Prints what is found as it is found, and keeps it for the end. */
export class Report {
  readonly sections: Section[] = [];
  readonly #screen: Screen;
  readonly #out: (line: string) => void;

  /** `isQuiet`: nothing is printed on the way, what is wanted is JSON. */
  constructor({ out }: Io, screen: Screen, isQuiet: boolean) {
    this.#screen = screen;
    this.#out = isQuiet ? () => undefined : (line) => out(line, "painted");
  }

  section(title: string, findings: readonly Finding[]): void {
    if (findings.length === 0) return;
    this.sections.push({ title, findings });
    this.#heading(title);
    for (const finding of findings) for (const line of rowLines(finding, this.#screen)) this.#out(line);
  }

  line(text: string): void {
    for (const line of wrapped(text, this.#screen.columns)) this.#out(line);
  }

  /** The table of features, and under it what is not as it should be, with what that means. */
  deep(looks: readonly DeepLook[]): void {
    this.#heading("Features");
    for (const line of featureTable(looks, this.#screen)) this.#out(line);
    this.#out("");
    for (const { who, finding } of toTell(looks)) {
      const { check, state, text, todo } = finding;
      this.#item(`${check}: ${text} (${who.join(", ")})`, state, todo);
    }
  }

  summary({ counts, interrupted, spent }: Result): void {
    const { ok, warning, failed, skipped } = counts;
    const parts = [`${ok} ok`, counted(warning, "warning"), `${failed} failed`, `${skipped} skipped`];
    const state: State = failed > 0 || interrupted ? "failed" : warning > 0 ? "warning" : "ok";
    const broken = interrupted ? "interrupted: this is what was known. " : "";
    const line = `${SIGNS[state]} ${broken}${parts.join(", ")}${spent.requests > 0 ? `; ${spentText(spent)}` : ""}`;
    this.#out("");
    for (const text of wrapped(line, this.#screen.columns)) this.#out(inColour(text, state, this.#screen));
  }

  #heading(title: string): void {
    this.#out("");
    const [line = ""] = wrapped(title, 10_000);
    this.#out(bold(line, this.#screen));
  }

  #item(text: string, state: State, todo: string | undefined): void {
    const width = Math.max(NARROWEST, this.#screen.columns - 4);
    for (const [at, line] of wrapped(text, width).entries())
      this.#out(at === 0 ? `  ${inColour(SIGNS[state], state, this.#screen)} ${line}` : `    ${line}`);
    if (todo !== undefined) for (const line of todoLines(todo, width)) this.#out(`    ${line}`);
  }
}

/** What is not as it should be, each once, with the providers it is so of. */
function toTell(looks: readonly DeepLook[]): { who: string[]; finding: Finding }[] {
  const told = new Map<string, { who: string[]; finding: Finding }>();
  for (const { provider, model, features } of looks) {
    for (const finding of features) {
      if (finding.state === "ok") continue;
      const key = JSON.stringify([finding.check, finding.text, finding.todo]);
      const who = `${provider.name}/${model}`;
      const same = told.get(key);
      if (same) same.who.push(who);
      else told.set(key, { who: [who], finding });
    }
  }
  return [...told.values()];
}

/** `✓ ok       tcp        127.0.0.1 port 11434 answers (2 ms)`, and under it what to do. */
function rowLines({ check, state, text, todo, ms }: Finding, screen: Screen): string[] {
  const width = Math.max(NARROWEST, screen.columns - INDENT.length);
  const time = ms === undefined ? "" : ` (${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms)`;
  const [first = "", ...rest] = wrapped(text + time, width);
  const sign = inColour(`${SIGNS[state]} ${WORDS[state].padEnd(8)}`, state, screen);
  const lines = [`  ${sign}${check.padEnd(CHECK_WIDTH)} ${first}`, ...rest.map((line) => INDENT + line)];
  return todo === undefined ? lines : [...lines, ...todoLines(todo, width).map((line) => INDENT + line)];
}

function todoLines(todo: string, width: number): string[] {
  return wrapped(todo, width - 2).map((line, at) => `${at === 0 ? "→" : " "} ${line}`);
}

export function countsOf(findings: readonly Finding[]): Result["counts"] {
  const count = (state: State) => findings.filter((one) => one.state === state).length;
  return { ok: count("ok"), warning: count("warning"), failed: count("failed"), skipped: count("skipped") };
}

export function spentText({ requests, input_tokens, output_tokens, cost }: Result["spent"]): string {
  const tokens = `${input_tokens.toLocaleString("en-US")} + ${output_tokens.toLocaleString("en-US")} tokens`;
  return `spent ${counted(requests, "request")}, ${tokens}${priceText(cost)}`;
}

/** Behind what it is the price of; nothing where it is none. */
export function priceText({ usd, source }: Result["spent"]["cost"]): string {
  if (usd === null) return ", at a price that is not known";
  if (source === "none") return "";
  return usd > 0 && usd < 0.0001 ? ", less than $0.0001" : `, $${usd.toFixed(4)}`;
}
