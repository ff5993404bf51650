import type { JsonObject } from "../../core/json.ts";
import { terminalLine, terminalText } from "../../core/terminal-text.ts";
import type {
  AttemptEvent,
  CompleteEvent,
  ConfigEvent,
  LogEvent,
  MissedEvent,
  ProviderEvent,
  RouterEvent,
  Switch,
} from "../../record/events.ts";
import { chosenRule, isFailure } from "../../remote/filter.ts";
import { paint } from "../colours.ts";
import { clockText, countText, cutTo, durationText, moneyText } from "./texts.ts";

export interface WatchLook {
  readonly colours: boolean;
  /** Columns of a line. */
  readonly width: number;
  /** Prompts and replies whole. */
  readonly full: boolean;
}

/** One step: a sign with its colour, and what is said, in the words of others as well. */
type Step = readonly [sign: string, colour: string, text: string];

const RED = "31";
const GREEN = "32";
const YELLOW = "33";
const DIM = "2";
/** Requests differ by these; red and yellow mean something. */
const OWN_COLOURS = ["36", "35", "34", "32", "96", "95", "94", "92"];
const ID_CHARS = 8;
/** Time, id, sign, and a blank behind each. */
const GUTTER = 8 + 1 + ID_CHARS + 1 + 2;

/** `TIME ID SIGN text` for each step an event tells of; empty for one that is of no interest. */
export function linesOf(event: RouterEvent | MissedEvent, look: WatchLook): string[] {
  const time = "ts_ms" in event ? clockText(event.ts_ms) : "".padEnd(8);
  const id = "id" in event ? terminalLine(event.id).slice(0, ID_CHARS) : "";
  const gutter = look.colours
    ? `${paint(DIM, time)} ${paint(colourOf(id), id.padEnd(ID_CHARS))}`
    : `${time} ${id.padEnd(ID_CHARS)}`;
  return stepsOf(event, look).map(([sign, colour, text]) => {
    const shown = look.full ? text : cutTo(text, roomOf(look));
    return `${gutter} ${look.colours && colour !== "" ? paint(colour, `${sign} ${shown}`) : `${sign} ${shown}`}`;
  });
}

/** Columns for what is said. */
function roomOf({ width }: WatchLook): number {
  return Math.max(20, width - GUTTER);
}

function stepsOf(event: RouterEvent | MissedEvent, look: WatchLook): Step[] {
  switch (event.type) {
    case "start": {
      const from = [event.agent ?? event.client, event.model, event.stream ? "stream" : ""].filter(Boolean).join(" · ");
      const prompt = look.full || event.preview === null ? [] : said("»", "", event.preview, look);
      return [["▶", "1", terminalLine(from)], ...prompt];
    }
    case "classified":
      return event.tags.length === 0 ? [] : [["#", "36", terminalLine(event.tags.join(", "))]];
    case "routed":
      return [
        ["→", "", terminalLine(wayOf(event.provider, event.model, chosenRule(event.decision)))],
        ...(event.switched ? [["⇄", YELLOW, terminalLine(switchText(event.switched))] as const] : []),
      ];
    case "attempt":
      return attemptSteps(event);
    case "warning":
      return [["!", YELLOW, terminalLine(event.message)]];
    case "complete":
      return completeSteps(event, look);
    case "config":
    case "provider":
    case "log":
    case "missed":
      return [noticeOf(event)];
    default:
      return [];
  }
}

/** Those of the router itself, that belong to no request. */
function noticeOf(event: ConfigEvent | ProviderEvent | LogEvent | MissedEvent): Step {
  switch (event.type) {
    case "config": {
      const what = event.ok ? `config version ${event.version}` : `config not taken, version ${event.version} goes on`;
      const more = [...event.problems, ...event.changes].join("; ");
      const isWell = event.ok && event.source !== "rollback";
      return ["•", isWell ? GREEN : RED, terminalLine(more === "" ? what : `${what}: ${more}`)];
    }
    case "provider": {
      const isWell = event.state === "closed" && event.alarm === null;
      const target = event.model === null ? event.provider : `${event.provider} · ${event.model}`;
      return ["•", isWell ? GREEN : YELLOW, terminalLine(`${target}: ${event.alarm ?? event.state}: ${event.reason}`)];
    }
    case "log":
      return ["•", event.ok ? GREEN : RED, terminalLine(`log ${event.path}: ${event.error ?? "is written again"}`)];
    case "missed":
      return [
        "•",
        YELLOW,
        `some requests were missed: ${event.why === "restarted" ? "the router was started again" : "too many came meanwhile"}`,
      ];
  }
}

function wayOf(provider: string, model: string, rule: string | null): string {
  return `${provider} · ${model}${rule === null ? "" : ` (${rule})`}`;
}

function switchText({ from, uncached_tokens: tokens, usd }: Switch): string {
  const cost = usd === null ? "" : `, ${moneyText(usd)} more`;
  return `leaves ${from.provider} · ${from.model}: ${countText(tokens)} tokens uncached${cost}`;
}

/** One that answered is told of at the end. */
function attemptSteps({ outcome, provider, status, error, ms, next, hedge }: AttemptEvent): Step[] {
  if (outcome === "ok") return [];
  const isLost = outcome !== "cancelled";
  const what = [outcome, status].filter((part) => part !== undefined).join(" ");
  const to = next ? ` → ${next.provider} · ${next.model}` : "";
  const why = error === undefined || !isLost ? "" : `: ${error}`;
  const head = `${provider} ${what} after ${durationText(ms)}${hedge ? " (hedge)" : ""}${to}${why}`;
  return [[isLost ? "✗" : "-", isLost ? YELLOW : DIM, terminalLine(head)]];
}

function completeSteps(event: CompleteEvent, look: WatchLook): Step[] {
  const { response, losses, error, outcome } = event;
  const lost = losses.filter((loss) => loss.class !== "silent").map(({ field, treatment }) => `${field} ${treatment}`);
  const calls = (response?.tool_calls ?? []).map(({ name }) => name);
  const tags = response?.tags ?? [];
  const failed = isFailure(outcome);
  return [
    ...(look.full ? wholePrompt(event, look) : []),
    ...(response === null || response.content === "" ? [] : said("«", "", response.content, look)),
    ...(calls.length === 0 ? [] : [["«", "36", terminalLine(`calls ${calls.join(", ")}`)] as const]),
    ...(tags.length === 0 ? [] : [["#", "36", terminalLine(tags.join(", "))] as const]),
    ...(event.plugins.length === 0 ? [] : [["+", DIM, terminalLine(`plugins ${event.plugins.join(", ")}`)] as const]),
    ...(lost.length === 0 ? [] : [["!", YELLOW, terminalLine(`lost: ${lost.join(", ")}`)] as const]),
    ...(error === null ? [] : [["✗", failed ? RED : DIM, terminalLine(`${outcome}: ${error}`)] as const]),
    ...figureSteps(event, look),
  ];
}

/** What came of it: what does not fit into one line goes on in the next. */
function figureSteps(event: CompleteEvent, look: WatchLook): Step[] {
  const isOk = event.outcome === "ok";
  const colour = isOk ? GREEN : isFailure(event.outcome) ? RED : DIM;
  const lines: string[] = [];
  for (const figure of figuresOf(event)) {
    const longer = lines.length === 0 ? figure : `${lines.at(-1)} · ${figure}`;
    if (lines.length > 0 && longer.length <= roomOf(look)) lines.pop();
    lines.push(longer.length <= roomOf(look) ? longer : figure);
  }
  return lines.map((line, index) => [index > 0 ? " " : isOk ? "✓" : "✗", colour, terminalLine(line)]);
}

function figuresOf({
  status,
  usage,
  cost,
  duration_ms,
  time_to_first_token_ms: first,
  provider,
}: CompleteEvent): string[] {
  const parts = [status === null ? "no answer" : String(status), ...(provider === null ? [] : [provider])];
  if (usage !== null) {
    const { input_tokens, output_tokens, cached_read_tokens, reported } = usage;
    const cached = cached_read_tokens > 0 ? ` (${countText(cached_read_tokens)} cached)` : "";
    const tokens = `${countText(input_tokens)}${cached} → ${countText(output_tokens)} tokens`;
    parts.push(reported ? tokens : `~${tokens}`);
  }
  if (cost.usd !== null && cost.source !== "none") parts.push(moneyText(cost.usd));
  if (first !== null) parts.push(`first ${durationText(first)}`);
  return [...parts, durationText(duration_ms)];
}

/** What was asked last, with the system prompt before it. */
function wholePrompt({ system, messages }: CompleteEvent, look: WatchLook): Step[] {
  const last = messages.findLast(({ role }) => role === "user");
  const texts = (last?.content ?? []).map(textOf).filter((text) => text !== "");
  return [
    ...(system === null || system === "" ? [] : said("§", DIM, system, look)),
    ...(texts.length === 0 ? [] : said("»", "", texts.join("\n"), look)),
  ];
}

function textOf({ type, text }: JsonObject): string {
  return typeof text === "string" ? text : `[${String(type)}]`;
}

/** Whole, line by line; or its beginning in one line. */
function said(sign: string, colour: string, text: string, { full }: WatchLook): Step[] {
  if (!full) return [[sign, colour, terminalLine(text.slice(0, 4_000)).trim()]];
  return terminalText(text)
    .replaceAll("\t", "    ")
    .split("\n")
    .map((line, index) => [index === 0 ? sign : " ", colour, line]);
}

/** The same for all lines of one request. */
function colourOf(id: string): string {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + character.charCodeAt(0)) % 9_973;
  return OWN_COLOURS[sum % OWN_COLOURS.length] ?? "36";
}
