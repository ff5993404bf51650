import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { ConfigWatch } from "./config-watch.ts";

function setUp() {
  const clock = new FakeClock();
  const nothing = (): void => undefined;
  const file = { stamp: "1", changes: 0, told: nothing, ended: false };
  const others = new Map<string, string>();
  const watch = new ConfigWatch({
    clock,
    changed: () => file.changes++,
    files: ["config.toml"],
    stampOf: (name) => (name === "config.toml" ? file.stamp : (others.get(name) ?? "none")),
    watchFolder: (_folder, told) => {
      file.told = told;
      return () => {
        file.ended = true;
      };
    },
  });
  const write = (stamp: string) => {
    file.stamp = stamp;
    file.told();
  };
  return { clock, file, others, watch, write };
}

test("a change is told once, when the file has been quiet for a moment", () => {
  const { clock, file, write } = setUp();
  write("2");
  clock.advance(99);
  assert.equal(file.changes, 0);
  clock.advance(1);
  assert.equal(file.changes, 1);
  clock.advance(10_000);
  assert.equal(file.changes, 1);
});

test("a file that is still being written is waited for", () => {
  const { clock, file, write } = setUp();
  for (let size = 2; size < 10; size++) {
    write(String(size));
    clock.advance(60);
  }
  assert.equal(file.changes, 0);
  clock.advance(200);
  assert.equal(file.changes, 1);
});

test("where the folder tells nothing, a look now and then finds it; a busy folder is no change", () => {
  const { clock, file } = setUp();
  for (let times = 0; times < 50; times++) file.told();
  clock.advance(900);
  assert.equal(file.changes, 0);
  file.stamp = "none";
  clock.advance(200);
  assert.equal(file.changes, 1);
});

test("stopped, it leaves nothing behind", () => {
  const { clock, file, watch, write } = setUp();
  write("2");
  watch.stop();
  assert.deepEqual([clock.pending, file.ended, file.changes], [0, true, 0]);
});

test("files that modules are made of are looked after as well, from when they were read on", () => {
  const { clock, file, others, watch, write } = setUp();
  others.set("plugin.ts", "1").set("helper.ts", "2");
  watch.follow(
    new Map([
      ["plugin.ts", "1"],
      ["helper.ts", "1"],
    ]),
  );
  clock.advance(1_200);
  assert.equal(file.changes, 1, "helper.ts changed between being read and being followed");
  others.set("plugin.ts", "2");
  clock.advance(1_200);
  assert.equal(file.changes, 2);
  watch.follow(new Map());
  others.set("plugin.ts", "3");
  clock.advance(1_200);
  assert.equal(file.changes, 2, "it is no part of the config any more");
  write("2");
  clock.advance(200);
  assert.equal(file.changes, 3);
});
