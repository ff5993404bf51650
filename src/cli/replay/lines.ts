import { terminalLine } from "../../core/terminal-text.ts";
import type { ThenNow } from "../../replay/latencies.ts";
import type { Place } from "../../replay/redecide/recorded-facts.ts";
import type { ReplayReport } from "../../replay/report.ts";
import type { Counted } from "../../replay/tally.ts";
import { paint } from "../colours.ts";
import { wrapped } from "../doctor/paint.ts";
import { countText, cutTo, durationText, moneyText } from "../watch/texts.ts";
import { type Cell, table } from "./table.ts";

export interface ReplayLook {
  readonly colours: boolean;
  readonly width: number;
}

const RED = "31";
const GREEN = "32";
const YELLOW = "33";
const DIM = "2";
const BOLD = "1";
/** More rows are for `--json` and `--html`. */
const MAX_ROWS = 12;
/** There is room for the beginning of an id. */
const WIDE = 100;
const ID_CHARS = 13;

/** What a replay found, for people. */
export function linesOfReport(report: ReplayReport, look: ReplayLook): string[] {
  return new Page(report, look).lines();
}

class Page {
  readonly #report: ReplayReport;
  readonly #look: ReplayLook;
  readonly #lines: string[] = [];

  constructor(report: ReplayReport, look: ReplayLook) {
    this.#report = report;
    this.#look = look;
  }

  lines(): string[] {
    this.#head();
    this.#flows();
    this.#costs();
    this.#latencies();
    this.#trouble();
    this.#assertions();
    return this.#lines;
  }

  #head(): void {
    const { log, config, exchanges, undecided, moved, without_routing, same_config: same } = this.#report;
    const between = log.first_ms === null || log.last_ms === null ? "" : `, ${dayText(log.first_ms, log.last_ms)}`;
    this.#say(`Replay of ${log.path} under ${config}: ${counted(exchanges, "request")}${between}`, BOLD);
    const aside = asideOf(this.#report);
    if (aside.length > 0) this.#say(`${aside.join(", ")}.`, DIM);
    if (undecided > 0)
      this.#say(`${counted(undecided, "request")} had nothing to decide: a plugin answered, or it was no good.`, DIM);
    if (without_routing > 0)
      this.#say(
        `${countText(without_routing)} without a record of what rules looked at: decided by what else the log says of them.`,
        DIM,
      );
    this.#unsure();
    this.#absentTags();
    if (exchanges === 0) return;
    this.#gap();
    if (same.exchanges > 0) {
      const whole = same.exchanges === exchanges ? "They were" : `${countText(same.exchanges)} of them were`;
      const isAll = same.alike === same.exchanges;
      this.#say(
        `${whole} decided under this very config: ${percent(same.alike, same.exchanges)} of these decisions come out the same.`,
        isAll ? GREEN : RED,
      );
    }
    const stay = exchanges - moved.exchanges;
    this.#say(
      `${countText(stay)} decided as they were (${percent(stay, exchanges)}), ${countText(moved.exchanges)} otherwise.`,
      moved.exchanges === 0 ? GREEN : "",
    );
  }

  #unsure(): void {
    const { unsure } = this.#report;
    if (unsure.exchanges === 0) return;
    const asked = unsure.asked.slice(0, 4).map(({ what, exchanges }) => `${what} (${countText(exchanges)})`);
    const more = unsure.asked.length > asked.length ? ", …" : "";
    this.#say(
      `${counted(unsure.exchanges, "decision")} unsure, for rules ask what is not on the record: ${asked.join(", ")}${more}.`,
      YELLOW,
    );
  }

  #absentTags(): void {
    const { absent_tags: absent, exchanges } = this.#report;
    if (absent.length === 0 || exchanges === 0) return;
    const names = absent.map((tag) => JSON.stringify(tag)).join(", ");
    this.#say(
      `No request has the tag ${names}, which rules go by: tags are those of then, classifiers are not asked.`,
      YELLOW,
    );
  }

  #flows(): void {
    const moving = this.#report.flows.filter(({ from, to }) => placeText(from) !== placeText(to));
    if (moving.length === 0) return;
    this.#title("Go elsewhere");
    const isWide = this.#look.width >= WIDE;
    const rows = moving.map(({ from, to, exchanges, ids }): Cell[] => [
      { text: countText(exchanges), right: true },
      { text: placeText(from) },
      { text: "→" },
      { text: placeText(to), colour: to === null ? RED : "" },
      ...(isWide ? [{ text: (ids[0] ?? "").slice(0, ID_CHARS), colour: DIM }] : []),
    ]);
    this.#table(["requests", "then", "", "now", ...(isWide ? ["such as"] : [])], rows);
  }

  #costs(): void {
    const { cost, places, exchanges } = this.#report;
    if (exchanges === 0) return;
    this.#title("Cost");
    const rows = places.map((place): Cell[] => [
      { text: placeText(place) },
      { text: countText(place.was.exchanges), right: true },
      { text: countText(place.now.exchanges), right: true },
      { text: sumText(place.was), right: true },
      { text: sumText(place.now), right: true },
    ]);
    this.#table(["", "requests then", "now", "cost then", "now"], rows);
    const change = cost.was_usd > 0 ? ` (${changeText(cost.now_usd / cost.was_usd - 1)})` : "";
    const colour = cost.now_usd > cost.was_usd * 1.000_001 ? RED : cost.now_usd < cost.was_usd ? GREEN : "";
    const of =
      cost.exchanges === exchanges
        ? "Together"
        : `Together, of the ${countText(cost.exchanges)} with both costs known,`;
    if (cost.exchanges > 0)
      this.#say(`${of} ${moneyText(cost.was_usd)} then, ${moneyText(cost.now_usd)} now${change}.`, colour);
    const unknown = [
      cost.unknown_was > 0 ? `of ${countText(cost.unknown_was)} then` : "",
      cost.unknown_now > 0 ? `of ${countText(cost.unknown_now)} now` : "",
    ].filter((text) => text !== "");
    if (unknown.length > 0) this.#say(`Cost not known ${unknown.join(", ")}.`, YELLOW);
    if (cost.cached_tokens_was + cost.cached_tokens_now > 0)
      this.#say(
        `Prompt tokens from caches: ${countText(cost.cached_tokens_was)} then, ${countText(cost.cached_tokens_now)} now.`,
      );
  }

  #latencies(): void {
    const { first_token_ms, duration_ms } = this.#report.latency;
    const rows = [latencyRow("first token of streams", first_token_ms), latencyRow("whole answer", duration_ms)].filter(
      (row) => row !== undefined,
    );
    if (rows.length === 0) return;
    this.#title("Latency");
    this.#table(["", "p50 then", "p95", "p50 now", "p95"], rows);
    if (duration_ms.unknown > 0)
      this.#say(
        `Not known for ${counted(duration_ms.unknown, "request")} that would go where the log has no answers.`,
        YELLOW,
      );
  }

  #trouble(): void {
    const { refused, losses, leaving, switches, exchanges } = this.#report;
    if (exchanges === 0) return;
    this.#title("Besides");
    const reasons = refused.reasons.slice(0, 3).map(({ reason, exchanges: n }) => `${countText(n)}: ${reason}`);
    this.#item("refused", refused.new.exchanges, [
      `${countText(refused.was)} then, ${countText(refused.now)} now`,
      ...reasons,
      ...idsText(refused.new),
    ]);
    this.#item("losses", losses.new.exchanges, [
      `${countText(losses.was)} then, ${countText(losses.now)} now`,
      ...losses.fields.slice(0, 3).map((one) => `${countText(one.exchanges)}: ${one.field} at ${one.provider}`),
      ...idsText(losses.new),
    ]);
    this.#item("privacy", leaving.exchanges + leaving.from_unknown, this.#leavingTexts());
    const texts = `${countText(switches.was)} then, ${countText(switches.now)} now, in ${counted(switches.conversations, "conversation")}`;
    this.#item("switches", switches.now > switches.was ? 1 : 0, [texts]);
  }

  #leavingTexts(): string[] {
    const { leaving } = this.#report;
    const { exchanges, from_unknown, rules } = leaving;
    if (exchanges + from_unknown === 0) return ["no prompt leaves your machines that stayed there"];
    return [
      ...(exchanges === 0 ? [] : [`${counted(exchanges, "prompt")} would leave your machines`]),
      ...rules.slice(0, 3).map((one) => `${countText(one.exchanges)}: ${one.rule}, now to ${one.to}`),
      ...(from_unknown === 0
        ? []
        : [`${counted(from_unknown, "prompt")} were at providers this config does not have, perhaps nearby`]),
      ...idsText(leaving),
    ];
  }

  #assertions(): void {
    const { assertions } = this.#report;
    if (assertions.length === 0) return;
    this.#title("Assertions");
    for (const { assertion, holds, found, ids, exchanges, broken } of assertions) {
      const isEmpty = holds && broken !== null && exchanges === 0;
      const sign = holds ? (isEmpty ? "!" : "✓") : "✗";
      this.#say(`  ${sign} ${assertion}: ${found}`, holds ? (isEmpty ? YELLOW : GREEN) : RED);
      for (const id of ids) this.#say(`    ${id}`);
    }
  }

  #item(name: string, bad: number, texts: readonly string[]): void {
    const gutter = 13;
    const [first = "", ...others] = texts.flatMap((text) => wrapped(text, Math.max(20, this.#look.width - gutter)));
    const sign = bad > 0 ? "!" : "✓";
    this.#lines.push(this.#painted(`  ${sign} ${name.padEnd(gutter - 4)}`, bad > 0 ? YELLOW : GREEN) + first);
    for (const line of others) this.#lines.push(" ".repeat(gutter) + line);
  }

  #table(head: readonly string[], rows: readonly Cell[][]): void {
    const shown = rows.length > MAX_ROWS ? rows.slice(0, MAX_ROWS - 1) : rows;
    this.#lines.push(...table(head, shown, this.#look));
    if (shown.length < rows.length)
      this.#say(`  … and ${countText(rows.length - shown.length)} more: --json has them all`, DIM);
  }

  #title(text: string): void {
    this.#gap();
    this.#say(text, BOLD);
  }

  #gap(): void {
    this.#lines.push("");
  }

  #say(text: string, colour = ""): void {
    const indent = /^ */.exec(text)?.[0] ?? "";
    const lines = wrapped(text.slice(indent.length), Math.max(20, this.#look.width - indent.length));
    for (const [at, line] of lines.entries())
      this.#lines.push(this.#painted(`${indent}${at > 0 && indent !== "" ? "  " : ""}${line}`, colour));
  }

  #painted(text: string, colour: string): string {
    return this.#look.colours && colour !== "" ? paint(colour, text) : text;
  }
}

/** `cloud · gpt-5`. */
export function placeText(place: Place | null): string {
  return place === null ? "refused" : cutTo(terminalLine(`${place.provider} · ${place.model}`), 48);
}

function asideOf({ log, filter }: ReplayReport): string[] {
  const { older, torn, foreign, broken, files } = log;
  return [
    ...(filter === null ? [] : [`Only those of the filter ${filter}`]),
    ...(files.length > 1 ? [`${files.length} files`] : []),
    ...(older > 0 ? [`${countText(older)} older ones left out`] : []),
    ...(foreign > 0 ? [`${counted(foreign, "line")} that are no records`] : []),
    ...(torn > 0 ? [`${counted(torn, "line")} cut short`] : []),
    ...broken.map(({ name, error }) => `${name} could not be read to its end (${error})`),
  ];
}

function latencyRow(name: string, { was, now }: ThenNow): Cell[] | undefined {
  if (was === null && now === null) return undefined;
  const cell = (ms: number | undefined): Cell => ({
    text: ms === undefined ? "not known" : durationText(ms),
    right: true,
  });
  return [{ text: name }, cell(was?.p50), cell(was?.p95), cell(now?.p50), cell(now?.p95)];
}

function idsText({ ids, exchanges }: Counted): string[] {
  if (ids.length === 0) return [];
  return [`${ids.join(", ")}${exchanges > ids.length ? ", …" : ""}`];
}

function sumText({ usd, unpriced, exchanges }: { usd: number; unpriced: number; exchanges: number }): string {
  if (exchanges === 0) return "-";
  if (unpriced === exchanges) return "not known";
  return `${moneyText(usd)}${unpriced > 0 ? " + ?" : ""}`;
}

function changeText(change: number): string {
  const rounded = Math.round(change * 1_000) / 10;
  return rounded === 0 ? "no change" : `${rounded > 0 ? "+" : "−"}${Math.abs(rounded)} %`;
}

/** Rounded towards what it is not: 100 % is all of them. */
export function percent(part: number, whole: number): string {
  if (part === whole) return "100 %";
  return `${Math.min(99.9, Math.round((part / whole) * 1_000) / 10)} %`;
}

export function counted(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function dayText(fromMs: number, toMs: number): string {
  const day = (ms: number) =>
    new Date(ms).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
  const [from, to] = [day(fromMs), day(toMs)];
  return from === to ? from : `${from} to ${to}`;
}
