import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { runCells, sampleCells } from "./matrix.ts";
import { ECHOES } from "./rows/echoes.ts";
import { ROWS } from "./rows/index.ts";
import { startProgram } from "./start.ts";

/** Those whose failures have something to tell; the sizes would only be looked through. */
const TELLING = ROWS.filter(({ number }) => [1, 4, 6, 7, 8, 11, 16, 26].includes(number));

// `npm run fault` looks for them over the whole matrix.
test("no key stands in a log, event, error or answer, nor at another provider; no prompt in an error or an output", async (t) => {
  const bench = await startProgram();
  t.after(() => bench.close());
  const cells = [...sampleCells(TELLING), ...sampleCells([...ECHOES, ...ECHOES, ...ECHOES, ...ECHOES])];
  const results = await runCells(bench, cells, 8);
  deepEqual(
    results.flatMap(({ complaint }) => complaint ?? []),
    [],
  );
  equal(results.length, cells.length);
  const canaries = bench.lookThrough();
  deepEqual(canaries.hits, []);
  for (const where of ["log", "feed", "output", "errors", "answers", "requests to providers"])
    ok((canaries.looked.get(where) ?? 0) > 0, `nothing was looked through of: ${where}`);
});
