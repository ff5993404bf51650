import { deepEqual, equal, match, ok } from "node:assert/strict";
import { lchown, mkdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type Cleanup, scratch } from "../../test/support/in-process.ts";
import { linesOf, logAt, SmallDisk, type TestLog, textsIn } from "../../test/support/log-sink.ts";
import { until } from "../../test/support/until.ts";

async function newPath(t: Cleanup): Promise<string> {
  return join(await scratch(t), "requests.jsonl");
}

const written = (path: string, count: number) =>
  until(async () => (await textsIn(path).catch(() => [])).length === count, `${count} records in the file`);

describe("what is written", () => {
  test("records in the order they came, each a line, within moments and without a close", async (t) => {
    const path = join(await scratch(t), "a/b/requests.jsonl");
    const { sink, told, events, say } = logAt(t, path);
    for (const text of ["one", "two\nlines", "模型 🎉"]) say(text);
    await written(path, 3);
    deepEqual(await textsIn(path), ["one", "two\nlines", "模型 🎉"]);
    equal((await linesOf(path)).at(-1), "");
    await sink.close();
    deepEqual([told, events, sink.dropped], [[], [], 0]);
  });

  test("a file only its owner reads, in folders only their owner opens, whatever the umask", async (t) => {
    const folder = join(await scratch(t), "deep/logs");
    const { sink, say } = logAt(t, join(folder, "requests.jsonl"));
    const umask = process.umask(0);
    try {
      say("one");
      await sink.close();
    } finally {
      process.umask(umask);
    }
    equal((await stat(join(folder, "requests.jsonl"))).mode & 0o777, 0o600);
    equal((await stat(folder)).mode & 0o777, 0o700);
    equal((await stat(join(folder, ".."))).mode & 0o777, 0o700);
  });

  test("10,000 records in bursts, none lost, in order", async (t) => {
    const path = await newPath(t);
    const { sink, say } = logAt(t, path);
    for (let at = 0; at < 10_000; at++) {
      say(`${at} ${"x".repeat(at % 300)}`);
      if (at % 1000 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await sink.close();
    const numbers = (await textsIn(path)).map((text) => Number(text.split(" ")[0]));
    deepEqual(numbers, [...Array(10_000).keys()]);
    equal(sink.dropped, 0);
  });

  test("close while a batch is on its way writes the next one too, and nothing but records", async (t) => {
    for (let turn = 0; turn < 20; turn++) {
      const path = await newPath(t);
      const { sink, say } = logAt(t, path);
      say("first".repeat(200_000));
      await until(async () => (await stat(path).catch(() => undefined)) !== undefined, "the first batch to begin");
      say("second");
      await Promise.all([sink.close(), sink.close()]);
      say("after the close");
      deepEqual((await textsIn(path)).slice(1), ["second"]);
      equal(sink.dropped, 1);
    }
  });

  test("what was written is synced, though not for each batch", async (t) => {
    const path = await newPath(t);
    const disk = new SmallDisk();
    const { sink, say } = logAt(t, path, disk.open);
    for (let count = 1; count <= 5; count++) {
      say("one more");
      await written(path, count);
    }
    await until(() => disk.syncs > 0, "a sync");
    await sink.close();
    ok(disk.syncs <= 3, `${disk.syncs} syncs`);
  });
});

describe("a full disk", () => {
  /** Says so many numbered records, and waits until the disk took what it could. */
  async function fill({ say, told }: TestLog, from: number, to: number): Promise<void> {
    for (let at = from; at < to; at++) say(`${at} ${"x".repeat(50)}`);
    await until(() => told.length > 0, "the disk to be full");
  }

  /** Room that ends in the middle of a record, right before its line end, right behind one, and right behind its first byte. */
  for (const room of [1000, 10 * 67 - 1, 10 * 67, 10 * 67 + 1]) {
    test(`with room for ${room} bytes: nothing is torn, and once there is more nothing is missing`, async (t) => {
      const path = await newPath(t);
      const disk = new SmallDisk(room);
      const log = logAt(t, path, disk.open);
      await fill(log, 10, 60);
      match(
        log.told[0] ?? "",
        /^warn: log .*: the disk is full \(ENOSPC.*requests go on, their records wait in memory$/,
      );
      disk.free(100);
      await until(async () => (await linesOf(path)).length > room / 67, "it to try again");
      disk.free(1_000_000);
      const began = performance.now();
      await written(path, 50);
      ok(performance.now() - began < 10_000);
      log.say("60 after");
      await log.sink.close();
      deepEqual(
        (await textsIn(path)).map((text) => Number(text.split(" ")[0])),
        [...Array(51).keys()].map((at) => at + 10),
      );
      equal((await linesOf(path)).length, 52);
      deepEqual(log.told.slice(1), [`info: log ${path}: is written again; nothing is missing`]);
      deepEqual(
        log.events.map(({ ok, dropped, error }) => [ok, dropped, error?.slice(0, 16)]),
        [
          [false, 0, "the disk is full"],
          [true, 0, undefined],
        ],
      );
    });
  }

  test("what there is no room for in memory is dropped, and counted exactly", async (t) => {
    const path = await newPath(t);
    const disk = new SmallDisk(100);
    const { sink, told, events, say } = logAt(t, path, disk.open);
    const mib = "x".repeat(1024 * 1024);
    for (let at = 0; at < 80; at++) say(`${at} ${mib}`);
    ok(sink.dropped > 10 && sink.dropped < 20, `${sink.dropped} dropped`);
    await until(() => told.length === 2, "both troubles to be told");
    ok(told.some((line) => /^error: log .*no more room/.test(line)));
    const { dropped } = sink;
    disk.free(1_000_000_000);
    await until(() => told.length === 3, "the end of it to be told");
    equal(told[2], `warn: log ${path}: is written again; missing: ${dropped} records`);
    say("80 after");
    await sink.close();
    const numbers = (await textsIn(path)).map((text) => Number(text.split(" ")[0]));
    deepEqual(numbers, [...[...Array(80 - dropped).keys()], 80]);
    equal(sink.dropped, dropped);
    deepEqual([events.at(-1)?.ok, events.at(-1)?.dropped], [true, dropped]);
  });

  test("for good: what is lost at the end is counted and told", { skip: process.platform !== "linux" }, async (t) => {
    const { sink, told, say } = logAt(t, "/dev/full");
    say("lost 1");
    await until(() => told.length === 1, "the trouble to be told");
    say("lost 2");
    await sink.close();
    equal(sink.dropped, 2);
    match(told[0] ?? "", /ENOSPC/);
    match(told[1] ?? "", /^error: .*; 2 records could not be written any more/);
  });

  test("a disk that hangs: taking a record does not wait, memory is bounded, it goes on by itself", async (t) => {
    const path = await newPath(t);
    const disk = new SmallDisk();
    const { sink, told, events, say } = logAt(t, path, disk.open);
    disk.hang();
    const mib = "x".repeat(1024 * 1024);
    for (let at = 0; at < 100; at++) say(`${at} ${mib}`);
    const { dropped } = sink;
    ok(dropped > 30, `${dropped} dropped`);
    match(told[0] ?? "", /no more room/);
    equal(events[0]?.error, "the disk is too slow");
    disk.goOn();
    await until(() => told.length === 2, "the end of it to be told");
    await sink.close();
    equal((await textsIn(path)).length, 100 - dropped);
  });
});

describe("what cannot be opened", () => {
  test("a folder as the path: told at the start, and once; written when it is gone, with nothing missing", async (t) => {
    const path = await newPath(t);
    await mkdir(path);
    const { sink, told, say } = logAt(t, path);
    sink.open();
    await until(() => told.length === 1, "the trouble to be told");
    match(told[0] ?? "", /it is a folder: name a file in it.*EISDIR.*requests go on/);
    say("one");
    say("two");
    await new Promise((resolve) => setTimeout(resolve, 200));
    await rm(path, { recursive: true });
    await written(path, 2);
    await sink.close();
    deepEqual(await textsIn(path), ["one", "two"]);
    deepEqual(told.slice(1), [`info: log ${path}: is written again; nothing is missing`]);
  });

  test("a file where the folder should be", async (t) => {
    const folder = await scratch(t);
    await writeFile(join(folder, "logs"), "");
    const { sink, told, say } = logAt(t, join(folder, "logs/requests.jsonl"));
    say("lost");
    await sink.close();
    deepEqual([sink.dropped, told.length], [1, 2]);
    match(told[0] ?? "", /a file is where its folder should be/);
  });

  test("a symbolic link: whoever put it there does not choose where prompts are written", async (t) => {
    const path = await newPath(t);
    await writeFile(`${path}.elsewhere`, "");
    await symlink(`${path}.elsewhere`, path);
    const { sink, told, say } = logAt(t, path);
    say("lost");
    await sink.close();
    deepEqual(await textsIn(`${path}.elsewhere`), []);
    match(told[0] ?? "", /it is a symbolic link.*name the file itself/);
  });

  test("a folder that is a symbolic link: the owner's own is followed, another user's is not", async (t) => {
    const folder = await scratch(t);
    await mkdir(join(folder, "elsewhere"));
    await symlink(join(folder, "elsewhere"), join(folder, "logs"));
    const path = join(folder, "logs/requests.jsonl");
    const own = logAt(t, path);
    own.say("own");
    await own.sink.close();
    deepEqual(await textsIn(path), ["own"]);
    // Only root may give it away.
    if (process.geteuid?.() !== 0) return;
    await lchown(join(folder, "logs"), 12_345, 12_345);
    const foreign = logAt(t, path);
    foreign.say("lost");
    await foreign.sink.close();
    deepEqual(await textsIn(path), ["own"]);
    match(foreign.told[0] ?? "", /logs is a symbolic link of another user's: name the folder it leads to/);
  });

  test("a file or folder that may not be written", async (t) => {
    const { sink, told, say } = logAt(t, await newPath(t), () =>
      Promise.reject(Object.assign(new Error("EACCES: permission denied, open"), { code: "EACCES" })),
    );
    say("lost");
    await sink.close();
    equal(sink.dropped, 1);
    match(told[0] ?? "", /the router may not write there.*EACCES/);
  });
});

describe("a file that goes while it is written to", () => {
  test("renamed by log rotation: the next records are in a new one, and none is lost", async (t) => {
    const path = await newPath(t);
    const { sink, told, say } = logAt(t, path);
    for (let turn = 0; turn < 3; turn++) {
      say(`${turn}`);
      await written(path, 1);
      await rename(path, `${path}.${turn}`);
    }
    say("last");
    await sink.close();
    for (let turn = 0; turn < 3; turn++) deepEqual(await textsIn(`${path}.${turn}`), [`${turn}`]);
    deepEqual([await textsIn(path), told, sink.dropped], [["last"], [], 0]);
    equal((await stat(path)).mode & 0o777, 0o600);
  });

  test("renamed, and a new one put in its place at once", async (t) => {
    const path = await newPath(t);
    const { sink, told, say } = logAt(t, path);
    say("one");
    await written(path, 1);
    await rename(path, `${path}.1`);
    await writeFile(path, "");
    say("two");
    await sink.close();
    deepEqual([await textsIn(`${path}.1`), await textsIn(path), told], [["one"], ["two"], []]);
  });

  test("deleted with its folder: both are made again", async (t) => {
    const folder = await scratch(t);
    const path = join(folder, "logs/requests.jsonl");
    const { sink, told, say } = logAt(t, path);
    say("one");
    await written(path, 1);
    await rm(join(folder, "logs"), { recursive: true });
    say("two");
    await sink.close();
    deepEqual([await textsIn(path), told, sink.dropped], [["two"], [], 0]);
  });

  test("emptied in place: it goes on at the beginning", async (t) => {
    const path = await newPath(t);
    const { sink, say } = logAt(t, path);
    say("one");
    await written(path, 1);
    await writeFile(path, "");
    say("two");
    await sink.close();
    deepEqual(await linesOf(path), ['{"text":"two"}', ""]);
  });
});
