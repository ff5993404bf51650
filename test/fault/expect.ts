import { deepEqual, equal, ok } from "node:assert/strict";
import type { FailureKind } from "../../src/core/failure.ts";
import type { CompleteEvent } from "../../src/record/events.ts";
import { PLAIN } from "../conformance/feature.ts";
import { expectBroken, expectErrorShape } from "../conformance/features/failures.ts";
import { expectAnswer } from "../conformance/matrix.ts";
import { ASK, ASK_UNCHECKED } from "../support/clients/ask.ts";
import type { Heard } from "../support/clients/heard.ts";
import { type Bench, modelName, type Way } from "./bench.ts";
import type { Part, Place } from "./call.ts";
import { textOf } from "./call.ts";
import { answered } from "./parts.ts";
import { saidInStream } from "./said.ts";
import { PROMPT } from "./secrets.ts";
import { secondFormat, type Variant } from "./variants.ts";

/** What a fault of the first target comes to. */
export interface Ending {
  /**
   * `fine`: the client gets its answer. `elsewhere`: the second target's, or without one an error. `told`: the error, and
   * nobody else is asked. `broken`: what there was of a stream, then one error event.
   */
  sees: "fine" | "elsewhere" | "told" | "broken";
  /** In the record. */
  kind: FailureKind;
  /** How often it is tried when there is nobody else. */
  tries: 1 | 3;
  /** The client's, when it is an error. */
  status: number;
}

/** A request with a fault in its way. */
export interface Faulted {
  way?: Way;
  play: Part;
  early?: boolean;
  /** Laid over a plain request. */
  prompt?: string;
  /** No request gets through to the first target. */
  unreachable?: boolean;
  /** The provider's stream is not as its API writes it, and goes as it is to clients of the same API. */
  oddBytes?: boolean;
  ends: Ending;
  /** More to check. */
  also?: (seen: Seen) => void;
}

export interface Seen {
  model: string;
  heard: Heard;
  event: CompleteEvent;
  bench: Bench;
  variant: Variant;
}

let serial = 0;

export function freshModel(variant: Variant, way: Way = "plain"): string {
  return modelName(variant.provider, way, variant.second, ++serial);
}

/** Asks once with the fault in the way, and checks everything that must be true of it. */
export async function expectEnding(bench: Bench, variant: Variant, fault: Faulted): Promise<void> {
  const { upstream } = bench;
  const model = freshModel(variant, fault.way);
  upstream.script(model, "one", { play: fault.play, early: fault.early ?? false });
  upstream.script(model, "two", { play: answered });
  const retries = fault.ends.sees === "elsewhere" ? fault.ends.tries - (variant.second ? 2 : 1) : 0;
  if (retries > 0) await fillBudget(bench, 2 * retries);
  const odd = isOdd(variant, fault);
  const body = { model, ...bodyOf(variant, fault.prompt) };
  const heard = await (odd ? ASK_UNCHECKED : ASK)[variant.client](bench.url, body, variant.stream);
  const event = await bench.complete(model).catch((error: unknown) => failWith(error, heard));
  try {
    equal(heard.broken, false, "the client's connection broke");
    expectSeen(variant, fault, { model, heard, event, bench, variant });
    fault.also?.({ model, heard, event, bench, variant });
  } catch (error) {
    failWith(error, heard, event);
  }
  bench.canaries.heard(heard);
  for (const call of upstream.asked(model)) bench.canaries.sent(call);
  upstream.forget(model);
}

/** Further attempts are a share of the requests: without these the matrix would soon have none left. */
export async function fillBudget({ url }: Bench, requests: number): Promise<void> {
  const body = JSON.stringify({ model: "filler", messages: [{ role: "user", content: "hi" }] });
  const headers = { "content-type": "application/json" };
  for (let at = 0; at < requests; at++) {
    const answer = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body });
    await answer.arrayBuffer();
  }
}

export function bodyOf({ client }: Variant, prompt = PROMPT) {
  const text = JSON.stringify(PLAIN[client]).replace('"hi"', () => JSON.stringify(prompt));
  return JSON.parse(text);
}

function failWith(error: unknown, heard: Heard, event?: CompleteEvent): never {
  const why = error instanceof Error ? error.message : String(error);
  const record = event && {
    outcome: event.outcome,
    error: event.error,
    status: event.status,
    attempts: event.attempts,
  };
  const got = `client got ${heard.status} ${heard.raw.slice(0, 1500)}`;
  throw new Error(`${why}\n    ${got}\n    record ${JSON.stringify(record)}`);
}

function expectSeen(variant: Variant, fault: Faulted, seen: Seen): void {
  const { sees } = fault.ends;
  if (isOdd(variant, fault)) return expectOddBytes(fault, seen);
  if (sees === "fine") return expectAnswerOf("one", ["ok"], fault, seen);
  if (sees === "broken") return expectCut(fault, seen);
  if (sees === "elsewhere" && variant.second) return expectAnswerOf("two", [fault.ends.kind, "ok"], fault, seen);
  expectError(fault, seen);
}

function isOdd({ client, provider }: Variant, { oddBytes }: Faulted): boolean {
  return oddBytes === true && client === provider;
}

/** Its client gets them as without the router, and may make of them what it makes of them. */
function expectOddBytes({ ends }: Faulted, { heard, event, model, variant }: Seen): void {
  equal(ends.sees, "fine");
  equal(heard.status, 200);
  equal(saidInStream(variant.client, heard.raw), textOf("one", model));
  expectRecord(event, "ok", ["ok"]);
}

function expectAnswerOf(
  place: Place,
  outcomes: string[],
  fault: Faulted,
  { heard, event, model, variant, bench }: Seen,
) {
  const format = place === "one" ? variant.provider : secondFormat(variant.provider);
  expectAnswer(heard, { ...variant, provider: format, same: format === variant.client }, textOf(place, model));
  expectRecord(event, "ok", outcomes);
  const asked = (at: Place) => bench.upstream.attempts(model, at).length;
  equal(asked("one"), fault.unreachable ? 0 : 1, "requests at the first target");
  equal(asked("two"), place === "two" ? 1 : 0, "requests at the second target");
  equal(heard.headers.get("x-router-attempts"), String(outcomes.length));
}

function expectError(fault: Faulted, { heard, event, model, variant, bench }: Seen): void {
  const { kind, tries, status } = fault.ends;
  const { client, provider } = variant;
  const expected = client === "anthropic" ? (ANTHROPIC_STATUS[kind] ?? status) : status;
  equal(heard.status, expected, "status");
  expectErrorShape(heard, { client, provider, stream: variant.stream, same: client === provider });
  expectRecord(event, kind, Array<string>(tries).fill(kind));
  equal(bench.upstream.attempts(model, "one").length, fault.unreachable ? 0 : tries, "requests at the first target");
  equal(bench.upstream.attempts(model, "two").length, 0, "requests at the second target");
}

/** Its clients know these by other numbers. */
const ANTHROPIC_STATUS: Partial<Record<FailureKind, number>> = { overloaded: 529, quota: 402 };

function expectCut(fault: Faulted, { heard, event, model, variant, bench }: Seen): void {
  const { client, provider, stream } = variant;
  equal(heard.status, 200);
  expectBroken(heard, { client, provider, stream, same: client === provider });
  const said = saidInStream(client, heard.raw);
  const text = textOf("one", model);
  ok(said !== "" && said !== text && text.startsWith(said), `the text is no beginning of what was sent: ${said}`);
  expectRecord(event, fault.ends.kind, [fault.ends.kind]);
  equal(bench.upstream.attempts(model, "one").length, 1, "requests at the first target");
  equal(bench.upstream.attempts(model, "two").length, 0, "nobody else may answer what was begun");
}

function expectRecord(event: CompleteEvent, outcome: string, outcomes: string[]): void {
  deepEqual(
    event.attempts.map((attempt) => attempt.outcome),
    outcomes,
    "attempts in the record",
  );
  equal(event.outcome, outcome, "outcome in the record");
}
