import { deepEqual, equal, fail } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { complaintsAtEnd, expectNoneLeft, resources } from "./leftovers.ts";
import { type Result, runCells, sampleCells, titleOf } from "./matrix.ts";
import { ROWS } from "./rows/index.ts";
import { type RunningBench, startHere } from "./start.ts";
import { nameOf, VARIANTS } from "./variants.ts";

const AT_ONCE = 12;
const SAMPLE = sampleCells(ROWS);

// `npm run fault` runs all variants; here four of each hundred, and what must be true when all is over.
describe("the fault matrix, one variant in 25", () => {
  let bench: RunningBench;
  let results: Result[] = [];
  let atStart: Map<string, number>;
  before(async () => {
    atStart = resources();
    bench = await startHere();
    results = await runCells(bench, SAMPLE, AT_ONCE);
  });
  after(() => bench.close());

  for (const row of ROWS.filter(({ slow }) => !slow)) {
    test(`${row.number} ${row.fault}`, () => {
      const mine = results.filter((result) => result.row === row);
      const wrong = mine.filter(({ complaint }) => complaint !== undefined);
      if (wrong.length > 0) fail(wrong.map((result) => `${titleOf(result)}\n    ${result.complaint}`).join("\n"));
      equal(mine.length, SAMPLE.filter((cell) => cell.row === row).length);
    });
  }

  test("meets every row, every client with every provider, every kind", () => {
    const seen = (key: (variant: (typeof VARIANTS)[number]) => string) =>
      new Set(SAMPLE.map(({ variant }) => key(variant))).size;
    equal(new Set(SAMPLE.map(({ row }) => row)).size, ROWS.filter(({ slow }) => !slow).length);
    equal(
      seen(({ client, provider }) => `${client} ${provider}`),
      25,
    );
    equal(
      seen(({ stream, second }) => `${stream} ${second}`),
      4,
    );
    equal(new Set(VARIANTS.map(nameOf)).size, 100);
  });

  test("leaves nothing behind: no open request, no socket, no timer", async () => {
    deepEqual(await complaintsAtEnd(bench), []);
    await bench.close();
    await expectNoneLeft(atStart);
  });
});
