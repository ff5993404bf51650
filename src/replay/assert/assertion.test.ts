import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { exampleLog } from "../../../test/support/replay-log.ts";
import { FILTER_NAMES, parseFilter } from "../../remote/filter.ts";
import { rowOfLine } from "../../store/index/record-row.ts";
import type { Effect, Side } from "../effect.ts";
import type { Place } from "../redecide/recorded-facts.ts";
import { Tally } from "../tally.ts";
import { parseAssertion, type Verdict } from "./assertion.ts";
import { AssertionFault } from "./fault.ts";

const PARTS = { providers: ["laptop", "cloud", "cheap"], filterNames: FILTER_NAMES, parseFilter };
const ROWS = exampleLog()
  .trimEnd()
  .split("\n")
  .flatMap((line) => rowOfLine(line) ?? []);

function side(place: Place | undefined, usd: number): Side {
  const nearby = place && place.provider === "laptop";
  return { place, rule: undefined, usd, nearby, cachedTokens: 0, switched: false, losses: [] };
}

/** Of 40: 10 stay on the laptop, 20 in the cloud, 9 go from there to a cheap one, and one is refused. */
const EFFECTS: Effect[] = ROWS.map((row, at) => {
  const was = { provider: row.provider ?? "", model: row.sent_model ?? "" };
  const isSide = row.requested_model.includes("haiku");
  const now = isSide ? (at === 3 ? undefined : { provider: "cheap", model: "llama" }) : was;
  const base = { row, moved: isSide, sameConfig: false, unsure: [], refusal: now ? undefined : "nobody" };
  return { ...base, was: side(was, 2), now: side(now, isSide ? 1 : 2) };
});

function verdictOf(text: string): Verdict {
  const assertion = parseAssertion(text, PARTS);
  const tally = new Tally();
  for (const effect of EFFECTS) {
    tally.add(effect);
    assertion.add(effect);
  }
  return assertion.verdict(tally.totals(1));
}

const HOLDING = [
  "tag=private → laptop",
  "tag:private -> nearby",
  "tag=private → !cloud, !cheap",
  'tag="private" → lap*/qwen3:*',
  "→ cloud, cheap, laptop, refused",
  "agent=claude-code tag=private → laptop",
  "model=claude-haiku-* → cheap, refused",
  "model=claude-haiku-* → !cloud",
  "tag=nothing → cheap",
  "cost <= 0.9x",
  "cost<$70.5",
  "cost >= $70",
  "cost = $70",
  "share(cloud) <= 50%",
  "share( cloud , cheap ) > 70%",
  "share(refused) = 2.5%",
  "share(!nearby) = 1x",
  "refused <= 1",
  "refused ≤ 2.5%",
  "moved = 10",
  "moved <= 25%",
  "leaving = 0",
  "losses = then",
  "switches <= then",
  "duration(p95) <= 60s",
  "first_token(p50) >= 100ms",
];

const BROKEN = [
  "tag=private → cloud",
  "model=claude-haiku-* → cheap",
  "→ !refused",
  "cost < 0.875x",
  "cost > $70",
  "share(cloud) < 50%",
  "refused = 0",
  "refused < 2.5%",
  "moved < 10",
  "first_token(p95) < 1ms",
];

test("claims that hold, and such as are broken", () => {
  for (const text of HOLDING) ok(verdictOf(text).holds, text);
  for (const text of BROKEN) ok(!verdictOf(text).holds, text);
});

test("what broke a claim is named, the first five of it", () => {
  const { broken, exchanges, ids, found } = verdictOf("tag=private → cheap");
  deepEqual([broken, exchanges, ids.length], [10, 10, 5]);
  equal(ids[0], `${ROWS[2]?.id} → laptop/qwen3:8b`);
  equal(found, "10 of 10 would go elsewhere");
  deepEqual(verdictOf("refused = 0").ids, [ROWS[3]?.id]);
  deepEqual(verdictOf("refused <= 1").ids, []);
});

test("a provider that is called cloud is meant before all that are not nearby", () => {
  const text = "model=claude-haiku-* → cloud, refused";
  ok(!verdictOf(text).holds);
  const others = { ...PARTS, providers: ["laptop", "hosted", "cheap"] };
  const assertion = parseAssertion(text, others);
  for (const effect of EFFECTS) assertion.add(effect);
  ok(assertion.verdict(new Tally().totals(0)).holds);
});

test("what is not known holds nothing", () => {
  const assertion = parseAssertion("duration(p95) <= 100s", PARTS);
  equal(assertion.verdict(new Tally().totals(0)).holds, false);
  equal(parseAssertion("cost <= 2x", PARTS).verdict(new Tally().totals(0)).holds, false);
});

const FAULTS: readonly (readonly [string, number, RegExp])[] = [
  ["", 0, /neither → nor a comparison/],
  ["cost", 4, /neither → nor a comparison/],
  ["tga=private → laptop", 0, /no "tga", did you mean "tag"/],
  ["agent=x tga=private → laptop", 8, /no "tga"/],
  ["tag=private → labtop", 14, /no provider "labtop", did you mean "laptop"/],
  ["tag=private → laptop,", 21, /should stand here/],
  ["tag=private → ! ", 14, /should stand here/],
  ["costs <= $5", 0, /did you mean "cost"/],
  ["<= 5", 0, /nothing is measured/],
  ["cost <= 5", 8, /"5" is no limit here: \$5, 1.1x or then/],
  ["cost <= ", 8, /a limit is missing/],
  ["moved <= then", 9, /"then" is no limit here: 7 would be one/],
  ["share(cloud) <= 3", 16, /30%/],
  ["share(clod) <= 3%", 6, /did you mean "cloud"/],
  ["duration(p99) <= 3s", 9, /p50 or p95/],
  ["duration <= 3s", 0, /duration\(p95\)/],
];

test("what cannot be understood is told with its place", () => {
  for (const [text, position, message] of FAULTS)
    throws(
      () => parseAssertion(text, PARTS),
      (fault) => {
        ok(fault instanceof AssertionFault, text);
        equal(fault.position, position, `${text}: ${fault.message}`);
        return message.test(fault.message);
      },
      text,
    );
});
