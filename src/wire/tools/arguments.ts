import { jsonrepair } from "jsonrepair";
import { cpuMs, inTime } from "../../core/bounded/in-time.ts";
import { isObject, type JsonObject, tryParseJson } from "../../core/json.ts";
import type { Losses } from "../../core/loss.ts";

/**
 * A call's raw arguments as the object some dialects want (Anthropic, Ollama). Models write broken JSON now and then: what
 * can be repaired is, anything else travels whole under `_raw`, so that the conversation goes on. Key order is kept, since
 * it is part of the provider's cache key.
 */
export function argumentsObject(text: string): JsonObject {
  if (text.trim() === "") return {};
  const value = tryParseJson(text) ?? tryRepair(text);
  return isObject(value) ? value : { _raw: text };
}

/** For all repairs between two turns of the event loop: of some texts one would take minutes, and a request may have thousands. */
const REPAIR_MS = 100;
/** Repaired in a millisecond, whatever they are. */
const SHORT_CHARS = 1_000;
let spentMs = 0;

function tryRepair(text: string): unknown {
  if (spentMs >= REPAIR_MS) return undefined;
  if (spentMs === 0) setImmediate(newTurn);
  const before = cpuMs();
  try {
    return tryParseJson(text.length <= SHORT_CHARS ? jsonrepair(text) : inTime(REPAIR_MS, () => jsonrepair(text)));
  } catch {
    return undefined;
  } finally {
    spentMs += cpuMs() - before;
  }
}

function newTurn(): void {
  spentMs = 0;
}

/** The same for a call in a request; what had to be mended is told as a loss of `field`. */
export function writtenArguments(text: string, field: string, losses: Losses): JsonObject {
  if (text.trim() === "") return {};
  const value = tryParseJson(text);
  if (isObject(value)) return value;
  const input = argumentsObject(text);
  losses.changed(field, input["_raw"] === text ? "not a JSON object: sent as _raw" : "invalid JSON repaired");
  return input;
}
