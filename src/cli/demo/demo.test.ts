import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { parse } from "smol-toml";
import { sharedCompiled } from "../../../test/support/compiled.ts";
import { scratch } from "../../../test/support/in-process.ts";
import { until } from "../../../test/support/until.ts";
import { exchangePageSchema } from "../../api/exchanges.ts";
import { statsSchema } from "../../api/stats.ts";
import { checkConfig } from "../../config/check.ts";
import { seededRandom } from "../../core/seeded-random.ts";
import { demoCommand } from "../commands/demo.ts";
import type { Io } from "../io.ts";
import { KINDS } from "../kinds.ts";
import { CALLERS } from "./callers.ts";
import { demoConfig } from "./demo.ts";
import { planRequests } from "./plan.ts";

const MAIN = join(import.meta.dirname, "..", "main.ts");

/** The program, in an empty folder that is its home too. */
async function startDemo(t: Parameters<typeof scratch>[0], ...words: string[]) {
  const folder = await scratch(t);
  const temporary = join(await scratch(t), "tmp");
  await mkdir(temporary);
  const child = spawn(process.execPath, [MAIN, "demo", ...words], {
    cwd: folder,
    env: { PATH: dirname(process.execPath), HOME: folder, TMPDIR: temporary, ...sharedCompiled() },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  t.after(async () => void child.kill("SIGKILL"));
  return { child, folder, temporary, said: () => said, ended: once(child, "exit") };
}

async function exchangesOf(base: string) {
  const answer = await fetch(`${base}/router/exchanges?limit=500`);
  return exchangePageSchema.parse(await answer.json()).exchanges;
}

test("within seconds it shows providers, failover, tags, losses, sessions and cost, and leaves nothing behind", async (t) => {
  const demo = await startDemo(t, "--web", "--port", "0", "--seed", "8", "--rate", "60");
  await until(() => demo.said().includes("Ctrl-C ends it."), "its first lines");
  const base = /(http:\S+)\/dashboard/.exec(demo.said())?.[1] ?? "";
  const shows = async () => {
    const all = await exchangesOf(base);
    const seen = [
      new Set(all.map(({ provider }) => provider)).size === 5,
      all.some(({ attempts, outcome }) => attempts > 1 && outcome === "ok"),
      all.some(({ tags }) => tags.includes("code")),
      all.some(({ losses }) => losses > 0),
      all.some(({ response_tags: tags }) => tags.includes("truncated")),
      new Set(all.map(({ client }) => client)).size === 5,
      all.some(({ session, attempts }) => session !== null && attempts > 0),
    ];
    return seen.every(Boolean);
  };
  await until(shows, "all there is to see");
  const all = await exchangesOf(base);
  const secret = all.filter(({ tags }) => tags.includes("private"));
  assert.deepEqual([...new Set(secret.map(({ provider }) => provider))], ["laptop"]);
  assert.deepEqual(
    all.filter(({ status }) => status === 400 || status === 404).map(({ error }) => error),
    [],
  );
  const stats = statsSchema.parse(await (await fetch(`${base}/router/stats`)).json());
  assert.ok(stats.total.cost_usd > 0.001 && stats.total.unpriced === 0, JSON.stringify(stats.total));
  // Somebody else's answer is still coming.
  const messages = [{ role: "user", content: `confidential ${"and on ".repeat(400)}` }];
  const own = await fetch(`${base}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "auto", stream: true, messages }),
  });
  demo.child.kill("SIGINT");
  assert.deepEqual(await demo.ended, [0, null], demo.said());
  assert.match(await own.text(), /"error"/);
  assert.match(demo.said(), /These were \d+ requests, answered by 5 providers/);
  assert.deepEqual([await readdir(demo.folder), await readdir(demo.temporary)], [[], []]);
});

test("--for ends it by itself; a port that is taken is refused", async (t) => {
  const blocker = createServer().listen(0, "127.0.0.1");
  await once(blocker, "listening");
  t.after(async () => void blocker.close());
  const address = blocker.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const lines: string[] = [];
  const io: Io = { env: {}, out: (line) => lines.push(line), err: (line) => assert.fail(line) };
  await assert.rejects(
    async () => demoCommand.start(["--web", "--port", String(port)], io),
    (error: Error) => error.message.includes(`port ${port} on 127.0.0.1 is in use`),
  );
  assert.equal(await demoCommand.start(["--web", "--port", "0", "--for", "0.1"], io), 0);
  assert.match(lines.join("\n"), /Ctrl-C ends it\.\nThese were \d/);
});

test("the same seed plans the same requests: every caller first, then sessions that go on", () => {
  const plan = (seed: number) => {
    const requests = planRequests(seededRandom(seed));
    return Array.from({ length: 300 }, () => requests.next().value);
  };
  const some = plan(1);
  assert.deepEqual(some, plan(1));
  assert.notDeepEqual(some, plan(2));
  assert.equal(new Set(some.map(({ caller }) => caller)).size, CALLERS.length);
  assert.ok(some.some(({ leavesAfterMs }) => leavesAfterMs !== undefined));
  const roles = new Set(some.map(({ request }) => request.messages.at(-1)?.role));
  assert.deepEqual(roles, new Set(["user", "tool"]));
});

test("the printed config is one to use: no error, no warning", async () => {
  const lines: string[] = [];
  const io: Io = { env: {}, out: (line) => lines.push(line), err: (line) => assert.fail(line) };
  assert.equal(await demoCommand.start(["--print-config"], io), 0);
  assert.equal(`${lines.join("\n")}\n`, demoConfig());
  assert.deepEqual(checkConfig(parse(lines.join("\n")), KINDS, {}).problems, []);
});

test("without a terminal it says how to look on", async () => {
  const io: Io = { env: {}, out: () => undefined, err: () => undefined };
  await assert.rejects(
    async () => demoCommand.start(["--for", "1"], io),
    (error: Error) => error.message.includes("demo --web"),
  );
});

test("numbers that are none are refused", async () => {
  const io: Io = { env: {}, out: () => undefined, err: () => undefined };
  for (const [option, text] of [
    ["--rate", "0"],
    ["--rate", "fast"],
    ["--for", ""],
    ["--seed", "-1"],
  ] as const) {
    await assert.rejects(
      async () => demoCommand.start([`${option}=${text}`], io),
      (error: Error) => error.message.startsWith(`${option} must be a number from`),
    );
  }
});
