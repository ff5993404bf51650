import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { until } from "../test/support/until.ts";
import { KB2 } from "./asks.ts";
import { svgOf } from "./chart.ts";
import type { Contender } from "./contenders/contender.ts";
import { bareProxy, router } from "./contenders/ours.ts";
import { goalRows } from "./goals.ts";
import { stopAll } from "./processes.ts";
import { figuresIn, fill, howMade, writeInto } from "./report.ts";
import { SECTIONS } from "./sections/all.ts";
import { measurePassthrough } from "./sections/passthrough.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-test-"));
after(() => {
  stopAll();
  rmSync(folder, { recursive: true, force: true });
});

const missing: Contender = {
  name: "missing",
  takes: ["openai"],
  start: () => Promise.reject(new Error("it is not installed")),
};

/** Answers, but not what the provider said. */
const wrong: Contender = {
  name: "wrong",
  takes: ["openai"],
  async start() {
    const server = createServer((req, res) => void req.resume().on("end", () => res.end('{"ok":true}')));
    server.listen(0, "127.0.0.1").unref();
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return { url: `http://127.0.0.1:${address.port}`, pid: process.pid };
  },
};

test("a section is measured, and stands in the page with its picture; who cannot take part is told of", async () => {
  const effort = { rounds: 1, seconds: 0.2 };
  const measured = await measurePassthrough(effort, [bareProxy, router, missing, wrong], [KB2]);
  deepEqual(
    measured.rows.map(([size, name]) => [size, name]),
    [
      ["2 KB", "bare proxy"],
      ["2 KB", "router"],
    ],
  );
  for (const row of measured.rows) {
    equal(row.length, measured.columns.length);
    // All but what compares the yardstick with itself.
    for (const cell of row.slice(2)) if (cell !== "–") match(cell, /^\d/);
  }
  match(measured.notes ?? "", /missing is not measured: it is not installed\./);
  match(measured.notes ?? "", /wrong is not measured: its answer to \/v1\/chat\/completions lacks The quick brown fox/);
  ok((measured.figures?.["passthrough 2 KB, router: throughput to bare"] ?? 0) > 0);

  const page = join(folder, "page.md");
  writeFileSync(page, "Before.\n\n<!-- bench: tiny -->\nold\n<!-- end of tiny -->\n\nAfter.\n");
  const how = howMade(["tiny"], effort, new Date(Date.UTC(2026, 10, 29)));
  writeInto(page, join(folder, "pictures"), { section: { name: "tiny", title: "Tiny" }, measured, how });
  const text = readFileSync(page, "utf8");
  match(text, /^Before\.\n\n<!-- bench: tiny -->\n64 connections/);
  match(text, /\| 2 KB \| router \| \d/);
  match(text, /!\[Tiny\]\(pictures\/bench-tiny\.svg\)/);
  match(
    text,
    /`npm run bench -- tiny`: 1 rounds of 0\.2 s .* 2026-11-29\.\n\n<!-- figures: .* -->\n<!-- end of tiny -->\n\nAfter\.\n$/,
  );
  ok((figuresIn(page)["passthrough 2 KB, router: throughput to bare"] ?? 0) > 0);
  ok(!text.includes("old"));
  const svg = readFileSync(join(folder, "pictures/bench-tiny.svg"), "utf8");
  for (const name of ["bare proxy", "router"]) ok(svg.includes(`>${name}</text>`), name);
});

test("a page without a place for a section is refused", () => {
  const page = join(folder, "other.md");
  writeFileSync(page, "Nothing.");
  throws(() => fill(page, "tiny", "text"), /other\.md has no place for "tiny": put "<!-- bench: tiny -->"/);
});

test("docs/performance.md has one place for each section and for the goals", () => {
  const page = readFileSync(join(import.meta.dirname, "../docs/performance.md"), "utf8");
  const places = [...page.matchAll(/^<!-- bench: (.*) -->$/gm)].map(([, name]) => name);
  deepEqual(places.sort(), [...SECTIONS.map(({ name }) => name), "goals"].sort());
  for (const place of places) ok(page.includes(`<!-- end of ${place} -->`), `no end of ${place}`);
});

test("bars leave out what was not measured, and cut off what would hide the others", () => {
  const svg = svgOf({
    title: "a < b",
    x: ["one", "two"],
    y: "µs",
    series: [
      { name: "little", values: [1, 1] },
      { name: "some", values: [2, Number.NaN] },
      { name: "much", values: [1_000, 2] },
    ],
  });
  equal([...svg.matchAll(/<rect [^>]*fill=/g)].length, 5);
  // Marked where it is cut; the figure stands beside it.
  equal([...svg.matchAll(/<path /g)].length, 1);
  match(svg, />1,000<\/text>/);
  match(svg, /<title>a &#60; b \(µs\)<\/title>/);
});

test("numbers on the x axis are drawn as lines", () => {
  const svg = svgOf({ title: "t", x: [1, 10, 100], y: "ms", series: [{ name: "a", values: [5, 10, 20] }] });
  const points =
    /points="([^"]+)"/
      .exec(svg)?.[1]
      ?.split(" ")
      .map((point) => point.split(",").map(Number)) ?? [];
  deepEqual(
    points.map(([x]) => x),
    [64, 402, 740],
  );
  // The axis ends at 20: it is at the top, and a quarter of it a quarter up.
  deepEqual(
    points.map(([, y]) => y),
    [241, 182, 64],
  );
});

test("goals are compared with what was measured", () => {
  const figures = {
    "passthrough 60 KB, router: throughput to bare": 0.96,
    "latency, first byte: ms added, p50": 0.61,
  };
  deepEqual(
    goalRows(figures, false).map(([, ...cells]) => cells),
    [
      ["≥ 95 %", "96 %", "yes"],
      ["≤ 0.5 ms", "0.61 ms", "no"],
    ],
  );
  ok(goalRows(figures, true).some(([, , measured]) => measured === "not measured"));
});

test("nothing that the bench started outlives it when it is told to stop", async () => {
  const bench = spawn(process.execPath, ["bench/run.ts", "latency"], {
    cwd: join(import.meta.dirname, ".."),
    stdio: "ignore",
    env: { ...process.env, TMPDIR: folder },
  });
  const children = () => {
    const text = readFileSync(`/proc/${bench.pid}/task/${bench.pid}/children`, "latin1").trim();
    return text.split(" ").filter(Boolean);
  };
  // Load generator, provider, yardstick.
  await until(() => children().length >= 3, "the bench to start its processes", 20_000);
  const pids = children();
  bench.kill("SIGTERM");
  deepEqual(await once(bench, "exit"), [130, null]);
  await until(() => pids.every((pid) => !existsSync(`/proc/${pid}`)), "its processes to end", 5_000);
});
