import type { DryRun } from "../../api/routing.ts";
import { terminalLine } from "../../core/terminal-text.ts";
import { paint } from "../colours.ts";
import { wrapped } from "../doctor/paint.ts";
import { durationText } from "../watch/texts.ts";
import type { Explained, ExplainedTarget } from "./explained.ts";

export interface ExplainLook {
  readonly colours: boolean;
  /** Columns of a line. */
  readonly width: number;
}

type Verdict = DryRun["verdicts"][number];
type Compared = NonNullable<Verdict["compared"]>[number];

const BOLD = "1";
const DIM = "2";
const RED = "31";
const GREEN = "32";
const YELLOW = "33";

const OUTCOMES: Readonly<Record<Verdict["outcome"], readonly [sign: string, colour: string]>> = {
  chosen: ["✓", GREEN],
  passed: ["-", ""],
  incapable: ["✗", YELLOW],
  "not-asked": ["·", DIM],
};
/** More are for `--json`. */
const MAX_COMPARED = 12;
const FACT_COLUMNS = 10;

/** A decision for people: what was asked, each rule's word, what was compared, who would follow. */
export function linesOfExplained(explained: Explained, look: ExplainLook): string[] {
  return new Page(look).lines(explained);
}

class Page {
  readonly #look: ExplainLook;
  readonly #lines: string[] = [];

  constructor(look: ExplainLook) {
    this.#look = look;
  }

  lines({ title, facts, verdicts, targets, losses, error, notes }: Explained): string[] {
    this.#say(title, "", error === null ? BOLD : RED);
    for (const [name, text] of facts) this.#fact(name, text);
    if (error !== null) this.#say(error, "  ", RED);
    this.#head("Rules");
    for (const verdict of verdicts) this.#verdict(verdict);
    if (verdicts.length === 0) this.#say("none was asked", "  ", DIM);
    if (targets.length > 0)
      this.#head(targets.length > 1 ? "Where it goes, and where when that fails" : "Where it goes");
    for (const [at, target] of targets.entries()) this.#target(target, at);
    if (losses.length > 0) this.#head("What its provider cannot be told");
    for (const { field, treatment } of losses) this.#say(`${field}: ${treatment}`, "  ");
    if (notes.length > 0) this.#lines.push("");
    for (const note of notes) this.#say(note, "", DIM);
    return this.#lines;
  }

  #verdict({ rule, label, outcome, provider, model, reason, compared }: Verdict): void {
    const [sign, colour] = OUTCOMES[outcome];
    const number = String(rule + 1).padStart(2);
    this.#say(label, `${number} ${sign} `, colour);
    const offered = provider === undefined ? "" : `${provider}${model === undefined ? "" : `/${model}`}`;
    const said = [outcome === "incapable" ? offered : "", reason ?? ""].filter(Boolean).join(": ");
    if (outcome === "not-asked") return;
    // A rule that compares says of each why it is out.
    if (said !== "" && !(compared && outcome === "passed")) this.#say(said, "     ", outcome === "chosen" ? "" : DIM);
    for (const one of (compared ?? []).slice(0, MAX_COMPARED)) this.#compared(one, { outcome, provider, model });
    const more = (compared?.length ?? 0) - MAX_COMPARED;
    if (more > 0) this.#say(`and ${more} more`, "       ", DIM);
  }

  #compared(
    { provider, model, out, note }: Compared,
    chosen: Pick<Verdict, "outcome"> & { provider: string | undefined; model: string | undefined },
  ): void {
    const isChosen = chosen.outcome === "chosen" && provider === chosen.provider && !out;
    const sign = isChosen ? "▸" : out ? "✗" : " ";
    this.#say(`${provider}/${model}: ${note}`, `     ${sign} `, isChosen ? GREEN : out ? DIM : "");
  }

  #target({ provider, model, why, state = "closed", hold_ms: hold = 0 }: ExplainedTarget, at: number): void {
    const trouble = [
      ...(state === "closed" ? [] : [state === "open" ? "left alone after failures" : "being tried again"]),
      ...(hold > 0 ? [`asked to be left alone for ${durationText(hold)}`] : []),
    ];
    const text = [`${provider}/${model}`, why, ...trouble].join(" · ");
    this.#say(text, `${String(at + 1).padStart(2)} `, trouble.length > 0 ? YELLOW : at === 0 ? GREEN : "");
  }

  #head(text: string): void {
    this.#lines.push("");
    this.#say(text, "", BOLD);
  }

  #fact(name: string, text: string): void {
    const [first = "", ...more] = wrapped(text, this.#look.width - FACT_COLUMNS - 2);
    this.#lines.push(`  ${this.#painted(name.padEnd(FACT_COLUMNS), DIM)}${first}`);
    for (const line of more) this.#lines.push(" ".repeat(FACT_COLUMNS + 2) + line);
  }

  /** Further lines stand below the text of the first. */
  #say(text: string, before: string, colour = ""): void {
    const room = Math.max(20, this.#look.width - before.length);
    for (const [at, line] of wrapped(text, room).entries()) {
      const gutter = at === 0 ? before : " ".repeat(before.length);
      this.#lines.push(this.#painted(gutter + terminalLine(line), colour));
    }
  }

  #painted(text: string, colour: string): string {
    return this.#look.colours && colour !== "" ? paint(colour, text) : text;
  }
}
