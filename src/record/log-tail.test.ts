import { deepEqual, equal, match, ok } from "node:assert/strict";
import { appendFile, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { scratch } from "../../test/support/in-process.ts";
import { linesOf, logAt, textsIn } from "../../test/support/log-sink.ts";
import { until } from "../../test/support/until.ts";
import { JsonlSink } from "./jsonl.ts";

describe("the end of the file at the start", () => {
  test("cut anywhere by a crash: whole records stay, half a one is cut off and told of, the next is a line of its own", async (t) => {
    const folder = await scratch(t);
    const whole = ["one", "模型 {}\n", 'th"ree'].map((text) => JSON.stringify({ text }));
    const bytes = Buffer.from(`${whole.join("\n")}\n`);
    await Promise.all(
      [...Array(bytes.length + 1).keys()].map(async (length) => {
        const path = join(folder, `${length}.jsonl`);
        await writeFile(path, bytes.subarray(0, length));
        const { sink, told, say } = logAt(t, path);
        say("next");
        await sink.close();
        // Of a record that lacks only its line end nothing is lost.
        const kept = whole.filter((_, at) => Buffer.byteLength(whole.slice(0, at + 1).join("\n")) <= length);
        deepEqual(await linesOf(path), [...kept, '{"text":"next"}', ""], `cut at ${length}`);
        const torn = length - Buffer.byteLength(kept.map((line) => `${line}\n`).join(""));
        deepEqual(
          told,
          torn > 0
            ? [`warn: log ${path}: it ended in half a record, as a crash leaves it: ${torn} bytes were cut off`]
            : [],
        );
      }),
    );
  });

  test("what is not the router's is not cut", async (t) => {
    const path = join(await scratch(t), "notes.txt");
    await writeFile(path, "my notes\nwithout a line end");
    const { sink, told, say } = logAt(t, path);
    say("next");
    await sink.close();
    equal(await readFile(path, "utf8"), 'my notes\nwithout a line end\n{"text":"next"}\n');
    match(told.join(), /its last line is no record of the router's/);
  });

  test("half a record that another process goes on with is left alone", async (t) => {
    const path = join(await scratch(t), "requests.jsonl");
    await writeFile(path, '{"text":"be');
    const { sink, told, say } = logAt(t, path);
    sink.open();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await appendFile(path, 'gun"}\n');
    say("next");
    await sink.close();
    deepEqual([await textsIn(path), told], [["begun", "next"], []]);
  });

  test("where several processes write, half a record of one that was killed spoils no other", async (t) => {
    const path = join(await scratch(t), "requests.jsonl");
    const sink = new JsonlSink({ path, log: () => undefined, isShared: true });
    t.after(() => sink.close());
    const say = async (text: string) => {
      sink.take({ type: "classified", id: "1", ts_ms: 1, tags: [] }, JSON.stringify({ text }));
      await sink.written();
    };
    await say("mine");
    await appendFile(path, '{"text":"an');
    await say("next");
    await appendFile(path, '{"text":"another"}\n');
    await say("last");
    deepEqual((await readFile(path, "utf8")).split("\n"), [
      '{"text":"mine"}',
      '{"text":"an',
      '{"text":"next"}',
      '{"text":"another"}',
      '{"text":"last"}',
      "",
    ]);
  });

  test("of a file of 1 GiB only the end is looked at", { timeout: 30_000 }, async (t) => {
    const path = join(await scratch(t), "requests.jsonl");
    // Sparse: it costs no disk, but reading all of it would take as long as any.
    await truncate(path, 0).catch(() => writeFile(path, ""));
    await truncate(path, 1024 ** 3);
    await appendFile(path, `\n{"text":"one"}\n{"text":"tw`);
    const { sink, told } = logAt(t, path);
    const began = performance.now();
    sink.open();
    await until(() => told.length === 1, "the torn record to be cut off");
    ok(performance.now() - began < 1_000);
    await sink.close();
    equal((await stat(path)).size, 1024 ** 3 + 16);
  });

  test("a line that is longer than any record is closed, not read through", async (t) => {
    const path = join(await scratch(t), "requests.jsonl");
    await writeFile(path, "{");
    await truncate(path, 300 * 1024 * 1024);
    const { sink, told, say } = logAt(t, path);
    say("next");
    await sink.close();
    equal((await stat(path)).size, 300 * 1024 * 1024 + '\n{"text":"next"}\n'.length);
    match(told.join(), /no record of the router's/);
  });
});
