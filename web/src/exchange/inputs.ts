import { countText, durationText, momentText, moneyText, percentText } from "../parts/format.ts";
import { isObject, number, objects, text, type Value } from "./value.ts";

/** What rules looked at when they decided, as it is recorded: pairs of name and words. Empty: nothing but the model and tags. */
export function inputsOf(routing: unknown): [name: string, words: string][] {
  if (!isObject(routing)) return [];
  const { affinity, prefer, headers } = routing;
  const pairs: [string, string | null][] = [
    ["model", text(routing["model"])],
    ["needs", textsOf(routing["needs"])],
    ["prompt", tokens(routing["input_tokens"])],
    ["answer", tokens(routing["output_tokens"], "expected")],
    ["time", number(routing["at_ms"]) === null ? null : momentText(Number(routing["at_ms"]))],
    ["conversation", affinity === null ? "not answered before" : isObject(affinity) ? affinityText(affinity) : null],
    ["had to stay at", isObject(prefer) ? `${target(prefer)}: ${text(prefer["why"]) ?? "?"}` : null],
    ["a plugin chose", objects(routing["forced"]).map(target).join(", ") || null],
    ...Object.entries(isObject(headers) ? headers : {}).map(([name, value]): [string, string] => [
      name,
      text(value) ?? "not sent",
    ]),
    ...objects(routing["targets"]).map((one): [string, string] => [target(one), numbersText(one)]),
    ...objects(routing["left_alone"]).map((one): [string, string] => [
      target(one),
      `to be left alone for ${durationText(number(one["hold_ms"]) ?? 0)}`,
    ]),
    ...objects(routing["lossy"]).map((one): [string, string] => [target(one), lossText(one)]),
    ["skipped for want of a key", textsOf(routing["skipped"])],
    ["not recorded", textsOf(routing["incomplete"])],
  ];
  return pairs.filter((pair): pair is [string, string] => pair[1] !== null && pair[1] !== "");
}

function target(value: Value): string {
  const [provider, model] = [text(value["provider"]) ?? "?", text(value["model"])];
  return model === null ? provider : `${provider} · ${model}`;
}

function textsOf(value: unknown): string | null {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string").join(", ") : null;
}

function tokens(value: unknown, how = "estimated"): string | null {
  const count = number(value);
  return count === null ? null : `${countText(Math.round(count))} tokens, ${how}`;
}

function affinityText(affinity: Value): string {
  const cached = number(affinity["cached_tokens"]) ?? 0;
  return `answered by ${target(affinity)}, ${countText(Math.round(cached))} tokens expected in its cache`;
}

/** `410 ms (measured, 128 answers), $1.20 for 1M tokens (configured)` */
function numbersText(value: Value): string {
  const parts = [
    numberText(value["latency_ms"], durationText),
    numberText(value["tokens_per_sec"], (speed) => `${Math.round(speed)} tokens/s`),
    numberText(value["error_rate"], (rate) => `${percentText(rate)} failing`),
    numberText(value["cost_per_1m"], (usd) => `${moneyText(usd)} for 1M tokens`),
    infoText(value["info"]),
  ];
  return parts.filter((part) => part !== null).join(", ") || "nothing known";
}

function numberText(logged: unknown, words: (value: number) => string): string | null {
  if (!isObject(logged)) return null;
  const value = number(logged["value"]);
  if (value === null) return null;
  const [samples, cached] = [number(logged["samples"]), number(logged["cached_tokens"])];
  const notes = [
    text(logged["source"]),
    samples === null ? null : `${samples} answers`,
    cached === null || cached === 0 ? null : `${countText(Math.round(cached))} tokens cached`,
  ].filter((note) => note !== null);
  return notes.length === 0 ? words(value) : `${words(value)} (${notes.join(", ")})`;
}

function infoText(info: unknown): string | null {
  if (!isObject(info)) return null;
  const context = number(info["context"]);
  const parts = [context === null ? null : `holds ${countText(context)} tokens`, textsOf(info["capabilities"])];
  return parts.filter((part) => part !== null && part !== "").join(", ") || null;
}

function lossText(value: Value): string {
  const [fields, refused] = [textsOf(value["fields"]), textsOf(value["refused"])];
  return [fields && `would lose ${fields}`, refused && `would refuse ${refused}`].filter(Boolean).join(", ");
}
