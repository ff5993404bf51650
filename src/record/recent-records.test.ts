import { deepEqual, equal, ok } from "node:assert/strict";
import { appendFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { scratch } from "../../test/support/in-process.ts";
import { recentRecords } from "./recent-records.ts";

const line = (id: string, tsMs: number, more = "") =>
  `${JSON.stringify({ type: "complete", id, ts_ms: tsMs, text: `${more}\n` })}\n`;

async function idsIn(path: string, { sinceMs = 0, untilMs = 1e15, maxBytes = 1e9 } = {}): Promise<unknown[]> {
  const ids: unknown[] = [];
  for await (const { id } of recentRecords(path, { sinceMs, untilMs, maxBytes })) ids.push(id);
  return ids;
}

test("none where there is no log, nor a folder for it", async (t) => {
  const folder = await scratch(t);
  deepEqual(await idsIn(join(folder, "requests.jsonl")), []);
  deepEqual(await idsIn(join(folder, "no", "requests.jsonl")), []);
});

test("those of the time asked for, the oldest first, of rotated files too", async (t) => {
  const folder = await scratch(t);
  const path = join(folder, "requests.jsonl");
  await writeFile(join(folder, "requests.2026-11-29T10-00-00-000Z.jsonl"), line("a", 100) + line("b", 200));
  await writeFile(join(folder, "requests.2026-11-29T11-00-00-000Z.jsonl"), line("c", 300) + line("d", 400));
  await writeFile(join(folder, "others.jsonl"), line("x", 400));
  await writeFile(path, line("e", 500) + line("f", 600));
  deepEqual(await idsIn(path), ["a", "b", "c", "d", "e", "f"]);
  deepEqual(await idsIn(path, { sinceMs: 200, untilMs: 600 }), ["b", "c", "d", "e"]);
  await utimes(join(folder, "requests.2026-11-29T11-00-00-000Z.jsonl"), 1, 1);
  deepEqual(await idsIn(path, { sinceMs: 5_000 }), [], "a file that is older is not opened");
});

test("what is torn, foreign or too long is passed over", async (t) => {
  const path = join(await scratch(t), "requests.jsonl");
  await writeFile(path, line("a", 1));
  await appendFile(
    path,
    '{"type":"complete","id":"t","ts_ms":2,"text":"to\nnot json\n\n{"type":"other","id":"o","ts_ms":2}\n',
  );
  await appendFile(
    path,
    line("long", 3, "x".repeat(3_000_000)) + line("b", 4) + line("large", 5, "y".repeat(1_000_000)),
  );
  await appendFile(path, line("c", 6) + line("end", 7).slice(0, -10));
  deepEqual(await idsIn(path), ["a", "b", "large", "c"]);
});

test("so many bytes from the end at most, whole lines of them", async (t) => {
  const folder = await scratch(t);
  const path = join(folder, "requests.jsonl");
  const [a, b, c] = [line("a", 1), line("b", 2), line("c", 3)];
  await writeFile(join(folder, "requests.2026-11-29T10-00-00-000Z.jsonl"), a + b);
  await writeFile(path, c);
  for (let maxBytes = 0; maxBytes <= 200; maxBytes++) {
    const ids = await idsIn(path, { maxBytes });
    equal(["a", "b", "c"].slice(-ids.length || 3).join(), ids.join(), String(maxBytes));
    const whole = [c, c + b, c + b + a].filter(({ length }) => length <= maxBytes).length;
    // The first line of a part is known to be whole only where the file begins with it.
    ok(ids.length === whole || ids.length === whole - 1, `${ids.length} of ${maxBytes} bytes`);
  }
});
