import { inTime } from "../../core/bounded/in-time.ts";
import type { Json } from "../../core/json.ts";
import { JsonPrefix } from "./json-prefix.ts";

/** Makes JSON of text that nearly is; throws where it cannot. */
export type Repair = (text: string) => string;

/** What was wrong with it. */
export type Fault = "code fence" | "text around it" | "syntax" | "cut off";

export interface Healed {
  text: string;
  value: Json;
  faults: Fault[];
}

/** A repair reads some texts again and again: those are left alone. */
const REPAIR_MS = 100;
/** Pieces that look like JSON in one text: more is no answer of JSON with words around it. */
const MAX_PIECES = 20;

/** Begins as no prose does: `{"`, `[{`, `["`, `[1,`, `[true`. */
const PLAINLY_JSON = /^(\[\s*)*(\{\s*("|\}|$)|(?<=\[\s*)("|\]|$|(-?\d[\d.eE+-]*|true|false|null)\s*([,\]]|$)))/;
const FENCE = /^```json\b/i;

/** Whether an answer nobody asked to be JSON is meant as JSON, going by its beginning. */
export function isPlainlyJson(text: string): boolean {
  const begin = text.trimStart();
  return PLAINLY_JSON.test(begin.slice(0, 200)) || FENCE.test(begin);
}

/**
 * The JSON object or array that a text was meant to be; undefined for one that is JSON, for prose, and for what cannot be
 * repaired. `asked`: JSON was asked for, so that words around it are wrong; else they mean that it is prose.
 */
export function heal(text: string, asked: boolean, repair: Repair): Healed | undefined {
  if (parsed(text) !== undefined || (!asked && !isPlainlyJson(text))) return undefined;
  let best: Healed | undefined;
  for (const piece of piecesOf(text)) {
    const around = text.slice(0, piece.from) + text.slice(piece.to);
    if (!asked && around.replace(FENCE, "").replaceAll("`", "").trim() !== "") continue;
    const made = repaired(text.slice(piece.from, piece.to), piece.cut, repair);
    if (!made || (best && best.text.length >= made.text.length)) continue;
    const faults = [...faultsAround(around), ...made.faults];
    // Among words, `[1]` is a footnote.
    if (faults[0] === "text around it" && !/[{"]/.test(made.text)) continue;
    best = { text: made.text, value: made.value, faults: faults.length > 0 ? faults : ["syntax"] };
  }
  return best;
}

function faultsAround(around: string): Fault[] {
  const faults: Fault[] = [];
  if (around.includes("```")) faults.push("code fence");
  if (around.replaceAll(/```\w*/g, "").trim() !== "") faults.push("text around it");
  return faults;
}

interface Piece {
  from: number;
  to: number;
  /** It was not closed. */
  cut: boolean;
}

/** What may be JSON in a text: from a bracket to the one that closes it, one after the other. */
function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (let from = nextBracket(text, 0); from >= 0 && pieces.length < MAX_PIECES; ) {
    const closed = closeOf(text, from);
    const to = closed ?? beforeFence(text);
    if (to <= from) break;
    pieces.push({ from, to, cut: closed === undefined });
    from = closed === undefined ? -1 : nextBracket(text, closed);
  }
  // In words, a bracket is JSON only where it looks like it.
  const likely = pieces.filter(({ from, to }) => PLAINLY_JSON.test(text.slice(from, Math.min(to, from + 200))));
  const [first] = pieces;
  if (
    likely.length > 0 ||
    !first ||
    text
      .slice(0, first.from)
      .replace(/```\w*/, "")
      .trim() !== ""
  )
    return likely;
  return [first];
}

function nextBracket(text: string, from: number): number {
  const at = text.slice(from).search(/[{[]/);
  return at < 0 ? -1 : from + at;
}

/** Behind the bracket that closes the one at `from`; undefined where none does. */
function closeOf(text: string, from: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "\\" && inString) at++;
    else if (char === '"') inString = !inString;
    else if (inString) continue;
    else if (char === "{" || char === "[") depth++;
    else if ((char === "}" || char === "]") && --depth === 0) return at + 1;
  }
  return undefined;
}

function beforeFence(text: string): number {
  const end = text.trimEnd();
  return end.endsWith("```") ? end.slice(0, -3).trimEnd().length : text.length;
}

function repaired(text: string, cut: boolean, repair: Repair): Healed | undefined {
  const value = parsed(text);
  if (value !== undefined) return { text, value, faults: [] };
  try {
    const made = completed(text) ?? inTime(REPAIR_MS, () => repair(text)).trim();
    const meant = parsed(made);
    if (typeof meant !== "object" || meant === null) return undefined;
    return { text: made, value: meant, faults: [cut ? "cut off" : "syntax"] };
  } catch {
    // Beyond repair, or not in time: it stays as it is.
    return undefined;
  }
}

/** Good JSON that was cut: a repair would look for mistakes in it. */
function completed(text: string): string | undefined {
  const prefix = new JsonPrefix();
  prefix.feed(text);
  return prefix.completed(text);
}

function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
