import { deepEqual, match, throws } from "node:assert/strict";
import { test } from "node:test";
import { tableWith } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { reloads } from "./scenarios/reloads.ts";

/** So short that it costs seconds; the figures are measured by `npm run soak`. */
const SHORT = { quick: true, count: (_full: number, _quick: number) => 8 };

test("The rig measures: reloads under load", { timeout: 60_000 }, async () => {
  const { complaints } = await reloads.run(SHORT);
  deepEqual(complaints, []);
});

const scenario = (name: string): Scenario => ({ name, figure: `of ${name}`, goal: "0", run: () => Promise.reject() });
const PAGE = "before\n<!-- figures: written by npm run soak -->\n<!-- end of figures -->\nafter\n";

test("The table keeps the rows of scenarios that did not run, in their order", () => {
  const all = [scenario("a"), scenario("b-c")];
  const [a, b] = all.map((one, index) => ({
    scenario: one,
    outcome: { measured: `${index} | of 5`, passed: index === 0, complaints: [] },
    quick: index === 1,
  }));
  const second = tableWith(PAGE, all, b ? [b] : []);
  const both = tableWith(second, all, a ? [a] : []);
  match(
    both,
    /^before\n<!--.*-->\n\| scenario.*\n\|---.*\n\| `a` .*kept.*\n\| `b-c` .*\*\*missed\*\*, short run.*\n<!--/,
  );
  match(both, /1 \\\| of 5/);
  throws(() => tableWith("no place", all, []), /no place for the figures/);
});
