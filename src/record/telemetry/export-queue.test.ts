import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { type Exporter, ExportQueue } from "./export-queue.ts";

/** A queue of numbers, each of so many bytes, before an exporter that a test answers for. */
function queueOf(exporter: Partial<Exporter<number>>, bytes = 1) {
  const lines: string[] = [];
  const now = { ms: 0 };
  const batches: number[][] = [];
  const queue = new ExportQueue<number>({
    what: "traces",
    to: "http://collector",
    load: async () => ({
      async export(items) {
        batches.push(items);
        await exporter.export?.(items);
      },
      close: async () => exporter.close?.(),
    }),
    sizeOf: () => bytes,
    log: (level, message) => void lines.push(`${level}: ${message}`),
    nowMs: () => now.ms,
  });
  return { queue, lines, now, batches };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

test("what waits is sent in batches, in order, and the end waits for it", async () => {
  let closed = false;
  const { queue, batches, lines } = queueOf({
    close: async () => {
      closed = true;
    },
  });
  for (const one of numbers(1100)) queue.add([one]);
  await queue.close();
  deepEqual(
    batches.map(({ length }) => length),
    [512, 512, 76],
  );
  deepEqual([batches.flat(), closed, queue.lost, lines], [numbers(1100), true, 0, []]);
});

test("a collector that hangs: so much waits and no more, the rest is counted, and the log hears of it once", async () => {
  const { queue, lines, now } = queueOf({ export: () => new Promise(() => undefined) });
  for (const _ of numbers(100_000)) queue.add([0, 1]);
  equal(queue.lost, 200_000 - 4096 - 512);
  equal(lines.length, 1);
  match(lines[0] ?? "", /^warn: telemetry: traces do not get to http:\/\/collector: they come faster/);
  now.ms = 5 * 60_000;
  for (const _ of numbers(10)) queue.add([0]);
  equal(lines.length, 2);
});

test("large ones are bound by their size, alone and in a batch", async () => {
  const { queue, batches } = queueOf({}, 1024 * 1024);
  for (const one of numbers(20)) queue.add([one]);
  equal(queue.lost, 4);
  await queue.flush();
  ok(batches.every(({ length }) => length <= 2));
  equal(batches.flat().length, 16);
});

test("a batch that is not taken is lost; when the next one is, the log says so", async () => {
  let fails = true;
  const { queue, lines } = queueOf({
    async export() {
      if (fails) throw new Error("connect ECONNREFUSED");
    },
  });
  queue.add([1, 2]);
  await queue.flush();
  queue.add([3]);
  await queue.flush();
  fails = false;
  queue.add([4]);
  await queue.flush();
  deepEqual(lines, [
    "warn: telemetry: traces do not get to http://collector: connect ECONNREFUSED; 2 lost so far, requests go on",
    "info: telemetry: traces get to http://collector again; 3 were lost",
  ]);
});
