import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { runRandom } from "./random.ts";
import { startHere } from "./start.ts";

// 10,000 of them: `npm run soak -- faults`.
test("200 requests whose providers break at random: each client sees what one target said, and exactly one end", async (t) => {
  const bench = await startHere();
  t.after(() => bench.close());
  const sum = await runRandom(bench, { seed: 1, count: 200, atOnce: 12 });
  deepEqual(sum.complaints, []);
  equal(sum.runs, 200);
  ok(sum.answered > 50 && sum.refused > 20 && sum.broken > 20, JSON.stringify(sum));
  ok(sum.savable > 10, JSON.stringify(sum));
  equal(sum.saved, sum.savable);
});
