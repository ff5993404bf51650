import { deepEqual, equal, ok } from "node:assert/strict";
import type { Random } from "../../src/core/clock.ts";
import { seededRandom } from "../../src/core/seeded-random.ts";
import type { CompleteEvent } from "../../src/record/events.ts";
import { expectErrorShape } from "../conformance/features/failures.ts";
import { checkStream } from "../support/check-stream.ts";
import { ASK_UNCHECKED } from "../support/clients/ask.ts";
import type { Heard } from "../support/clients/heard.ts";
import type { Bench, Way } from "./bench.ts";
import { type Framing, type Part, type Place, textOf } from "./call.ts";
import { bodyOf, freshModel } from "./expect.ts";
import { complaintsAtEnd } from "./leftovers.ts";
import { answered, end, fin, hang, head, inTurn, refused, reset, sliced } from "./parts.ts";
import { saidInStream } from "./said.ts";
import { type RunningBench, startProgram } from "./start.ts";
import { nameOf, secondFormat, VARIANTS, type Variant } from "./variants.ts";

/** What became of a number of requests whose providers broke at random. */
export interface RandomRuns {
  runs: number;
  /** Streams of which the client saw a part, and then the one error event. */
  broken: number;
  answered: number;
  /** Answered with an error. */
  refused: number;
  /** Of these whose second target was well and could still be asked, so many were answered all the same. */
  savable: number;
  saved: number;
  /** A truncation nobody was told of, a text twice, a second terminal: anything that must never be; with the seed. */
  complaints: string[];
}

export interface RandomOptions {
  seed: number;
  count: number;
  atOnce?: number;
  /** Streams only. */
  streams?: boolean;
}

interface Plan {
  seed: number;
  variant: Variant;
  way: Way;
  one: Plot;
  two: Plot;
}

/** What one target does, and in words. */
interface Plot {
  play: Part;
  words: string;
  fault: boolean;
  /** Its failure is the caller's: nobody else is asked. */
  callers?: boolean;
}

/** Starts a router of its own, sends so many faulted requests through it, and stops it. */
export async function randomRuns(options: RandomOptions): Promise<RandomRuns> {
  const bench = await startProgram();
  try {
    return await runRandom(bench, options);
  } finally {
    await bench.close();
  }
}

export async function runRandom(bench: RunningBench, options: RandomOptions): Promise<RandomRuns> {
  const { seed, count, atOnce = 16, streams = false } = options;
  const sum: RandomRuns = { runs: 0, broken: 0, answered: 0, refused: 0, savable: 0, saved: 0, complaints: [] };
  let next = 0;
  const work = async () => {
    while (next < count && bench.died === undefined) {
      const plan = planOf(seed + next++, streams);
      await runPlan(bench, plan, sum).catch((error: unknown) => {
        sum.complaints.push(`seed ${plan.seed}, ${describe(plan)}: ${error instanceof Error ? error.message : error}`);
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  sum.complaints.push(...(await complaintsAtEnd(bench)));
  return sum;
}

function describe({ variant, way, one, two }: Plan): string {
  return `${nameOf(variant)}, ${way}, one: ${one.words}, two: ${two.words}`;
}

function planOf(seed: number, streams: boolean): Plan {
  const random = seededRandom(seed);
  const variants = streams ? VARIANTS.filter(({ stream }) => stream) : VARIANTS;
  const way = random() < 0.05 ? "idle" : "plain";
  // A target that never answers would be waited for.
  const canHang = way === "idle";
  return {
    seed,
    variant: pick(random, variants),
    way,
    one: plotOf(random, canHang, 0.35),
    two: plotOf(random, false, 0.6),
  };
}

function pick<T>(random: Random, list: readonly T[]): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}

const STATUSES = [400, 401, 403, 404, 413, 422, 429, 500, 502, 503, 529];
const CALLERS = [400, 413, 422];

function plotOf(random: Random, canHang: boolean, wellShare: number): Plot {
  const slice = pick(random, [0, 0, 0, 20, 50]);
  if (random() < wellShare)
    return { play: inTurn(sliced(slice), answered), words: `an answer by ${slice} bytes`, fault: false };
  if (random() < 0.25) {
    const status = pick(random, STATUSES);
    return { play: refused({ status }), words: String(status), fault: true, callers: CALLERS.includes(status) };
  }
  const share = random();
  const framing = pick<Framing>(random, ["chunked", "length", "close"]);
  const ends: [string, Part][] = [
    ["reset", reset],
    ["closed", fin],
    ["a clean end", framing === "chunked" ? end : fin],
  ];
  if (canHang) ends.push(["silence", hang]);
  const [word, last] = pick(random, ends);
  const part: Part = (call) => call.send(call.answer.subarray(0, Math.floor(call.answer.length * share)));
  const words = `${word} after ${Math.floor(share * 100)} % of ${framing} by ${slice} bytes`;
  return { play: inTurn(sliced(slice), head({ framing }), part, last), words, fault: true };
}

async function runPlan(bench: Bench, plan: Plan, sum: RandomRuns): Promise<void> {
  const { variant, way, one, two } = plan;
  const model = freshModel(variant, way);
  bench.upstream.script(model, "one", { play: one.play });
  bench.upstream.script(model, "two", { play: two.play });
  const heard = await ASK_UNCHECKED[variant.client](bench.url, { model, ...bodyOf(variant) }, variant.stream);
  const event = await bench.complete(model);
  try {
    count(sum, plan, heard, expectModel(bench, variant, model, heard, event));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const record = JSON.stringify({ outcome: event.outcome, attempts: event.attempts });
    throw new Error(`${why}\n    client got ${heard.status} ${heard.raw.slice(-800)}\n    record ${record}`);
  }
  bench.upstream.forget(model);
}

type Seen = "answered" | "broken" | "refused";

/** The model: what a client may see at all, whatever its providers did. */
function expectModel(bench: Bench, variant: Variant, model: string, heard: Heard, event: CompleteEvent): Seen {
  const { client, stream } = variant;
  ok(event.attempts.length <= 3, "more than three attempts");
  const { upstream } = bench;
  const asked = upstream.attempts(model, "one").length + upstream.attempts(model, "two").length;
  ok(asked <= event.attempts.length, "asked more often than the record says");
  equal(heard.broken, false, "the client's connection broke");
  const place: Place = event.attempts.at(-1)?.provider.endsWith("-second") ? "two" : "one";
  if (heard.status !== 200) {
    ok(heard.status >= 400 && event.outcome !== "ok", "neither an answer nor an error");
    const format = place === "two" ? secondFormat(variant.provider) : variant.provider;
    expectErrorShape(heard, { client, provider: format, stream, same: format === client });
    return "refused";
  }
  // Half a character of a provider that broke off inside it is passed on as it is.
  if (stream) checkStream(client, Buffer.from(heard.raw));
  const text = textOf(place, model);
  const said = stream ? saidInStream(client, heard.raw) : heard.text;
  ok(text.startsWith(said.replace(/\uFFFD+$/, "")), `not of the target that answered, or not only: ${said}`);
  deepEqual(
    [heard.error === undefined, event.outcome === "ok"],
    [said === text && event.outcome === "ok", heard.error === undefined],
  );
  return heard.error === undefined ? "answered" : "broken";
}

function count(sum: RandomRuns, { variant, one, two }: Plan, heard: Heard, seen: Seen): void {
  sum.runs++;
  sum[seen]++;
  if (!variant.second || two.fault || !one.fault || one.callers || seen === "broken") return;
  sum.savable++;
  if (heard.error === undefined) sum.saved++;
}
