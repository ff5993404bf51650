import { deepEqual, equal, match, ok } from "node:assert/strict";
import { appendFile, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { scratch } from "../../test/support/in-process.ts";
import { until } from "../../test/support/until.ts";
import type { RouterEvent } from "./events.ts";
import { JsonlSink } from "./jsonl.ts";

const EVENT: RouterEvent = { type: "classified", id: "1", ts_ms: 1, tags: [] };

function sinkAt(path: string): { sink: JsonlSink; warnings: string[]; say(text: string): void } {
  const warnings: string[] = [];
  const sink = new JsonlSink(path, (message) => warnings.push(message));
  return { sink, warnings, say: (text) => sink.take(EVENT, JSON.stringify({ text })) };
}

async function linesOf(path: string): Promise<string[]> {
  return (await readFile(path, "utf8")).split("\n");
}

function textsOf(lines: readonly string[]): unknown[] {
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line).text);
}

describe("what is written", () => {
  test("lines in the order they came, each closed, within moments and without a close", async (t) => {
    const path = join(await scratch(t), "a/b/requests.jsonl");
    const { sink, warnings, say } = sinkAt(path);
    for (const text of ["one", "two\nlines", "模型 🎉"]) say(text);
    await until(async () => (await readFile(path, "utf8").catch(() => "")).endsWith("\n"), "the lines");
    const lines = await linesOf(path);
    deepEqual(textsOf(lines), ["one", "two\nlines", "模型 🎉"]);
    equal(lines.at(-1), "");
    await sink.close();
    deepEqual([warnings, sink.dropped], [[], 0]);
  });

  test("a file only its owner reads, in a folder only its owner opens", async (t) => {
    const folder = join(await scratch(t), "deep/logs");
    const { sink, say } = sinkAt(join(folder, "requests.jsonl"));
    say("one");
    await sink.close();
    equal((await stat(join(folder, "requests.jsonl"))).mode & 0o777, 0o600);
    equal((await stat(folder)).mode & 0o777, 0o700);
    equal((await stat(join(folder, ".."))).mode & 0o777, 0o700);
  });

  test("10,000 lines in bursts all parse, none is lost, and order holds", async (t) => {
    const path = join(await scratch(t), "requests.jsonl");
    const { sink, say } = sinkAt(path);
    for (let at = 0; at < 10_000; at++) {
      say(`${at} ${"x".repeat(at % 300)}`);
      if (at % 1000 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await sink.close();
    const numbers = textsOf(await linesOf(path)).map((text) => Number(String(text).split(" ")[0]));
    deepEqual(numbers, [...numbers.keys()]);
    equal(numbers.length, 10_000);
    equal(sink.dropped, 0);
  });

  test("close while a batch is on its way writes the next one too, and nothing but lines", async (t) => {
    for (let turn = 0; turn < 20; turn++) {
      const path = join(await scratch(t), `${turn}.jsonl`);
      const { sink, say } = sinkAt(path);
      say("first".repeat(200_000));
      await until(async () => (await stat(path).catch(() => undefined)) !== undefined, "the first batch to begin");
      say("second");
      await sink.close();
      say("after the close");
      const lines = await linesOf(path);
      deepEqual([lines.length, lines.at(-1)], [3, ""]);
      equal(textsOf(lines)[1], "second");
      equal(sink.dropped, 1);
    }
  });
});

describe("a torn last line", () => {
  for (const torn of ['{"text":"torn by a cr', '{"text":"whole"}\n{"te']) {
    test(`is closed before the next one: ${JSON.stringify(torn)}`, async (t) => {
      const path = join(await scratch(t), "requests.jsonl");
      await writeFile(path, torn);
      const { sink, say } = sinkAt(path);
      say("next");
      await sink.close();
      equal(await readFile(path, "utf8"), `${torn}\n{"text":"next"}\n`);
    });
  }

  test("a file that ends well gets no empty line", async (t) => {
    const path = join(await scratch(t), "requests.jsonl");
    await writeFile(path, '{"text":"whole"}\n');
    const { sink, say } = sinkAt(path);
    say("next");
    await sink.close();
    deepEqual(textsOf(await linesOf(path)), ["whole", "next"]);
    equal((await linesOf(path)).length, 3);
  });
});

describe("what cannot be written", () => {
  test("a folder as the path: dropped, counted, warned of once; written again once it is gone", async (t) => {
    const path = join(await scratch(t), "requests.jsonl");
    await mkdir(path);
    const { sink, warnings, say } = sinkAt(path);
    say("lost 1");
    say("lost 2");
    await until(() => sink.dropped === 2, "the first two to be given up");
    say("lost 3");
    await until(() => sink.dropped === 3, "the third to be given up");
    equal(warnings.length, 1);
    match(warnings[0] ?? "", /EISDIR.*requests go on/);
    await rm(path, { recursive: true });
    say("kept");
    await sink.close();
    deepEqual(textsOf(await linesOf(path)), ["kept"]);
    match(warnings[1] ?? "", /writing again; 3 lines were lost/);
    equal(warnings.length, 2);
  });

  test("a file where the folder should be", async (t) => {
    const folder = await scratch(t);
    await writeFile(join(folder, "logs"), "");
    const { sink, warnings, say } = sinkAt(join(folder, "logs/requests.jsonl"));
    say("lost");
    await sink.close();
    deepEqual([sink.dropped, warnings.length], [1, 1]);
  });

  test("a full disk", { skip: process.platform !== "linux" }, async () => {
    const { sink, warnings, say } = sinkAt("/dev/full");
    say("lost 1");
    say("lost 2");
    await sink.close();
    deepEqual([sink.dropped, warnings.length], [2, 1]);
    match(warnings[0] ?? "", /ENOSPC/);
  });

  test("a file that another program tore while the sink failed is closed before going on", async (t) => {
    const path = join(await scratch(t), "requests.jsonl");
    await mkdir(path);
    const { sink, say } = sinkAt(path);
    say("lost");
    await until(() => sink.dropped === 1, "the line to be given up");
    await rm(path, { recursive: true });
    await appendFile(path, '{"half');
    say("kept");
    await sink.close();
    equal(await readFile(path, "utf8"), '{"half\n{"text":"kept"}\n');
  });

  test("more than waits in memory is dropped and counted", async () => {
    const { sink } = sinkAt("/dev/full");
    const line = "x".repeat(16 * 1024 * 1024);
    for (let at = 0; at < 7; at++) sink.take(EVENT, line);
    equal(sink.dropped, 2);
    await sink.close();
    ok(sink.dropped >= 7);
  });
});
