import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { exchange } from "./support/exchange.ts";
import { scratch as scratchFolder } from "./support/in-process.ts";
import { post, type RawClient, rawClient } from "./support/raw-client.ts";
import { type RunningRouter, startRouter } from "./support/router.ts";
import {
  chunk,
  chunkedHead,
  httpAnswer,
  LAST_CHUNK,
  startTcpUpstream,
  type TcpUpstream,
} from "./support/tcp-upstream.ts";
import { until } from "./support/until.ts";
import { startUpstream, type Upstream } from "./support/upstream/upstream.ts";

const WORKERS = 2;
const ANSWER = JSON.stringify({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
});
const delta = (content: string, finish: string | null) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { role: "assistant", content }, finish_reason: finish }] })}\n\n`;
const BEGUN = chunkedHead("text/event-stream") + chunk(delta("Hello", null));
const REST = chunk(`${delta("!", "stop")}data: [DONE]\n\n`) + LAST_CHUNK;

function configOf(well: Upstream, bad: Upstream, held: TcpUpstream): string {
  const provider = (name: string, url: string, more = "") =>
    `[[providers]]\nname = "${name}"\nformat = "openai"\nbase_url = "${url}"\n${more}\n`;
  const rule = (prefix: string, provided: string, more = "") =>
    `[[routers]]\ntype = "prefix"\nmodel_prefix = "${prefix}"\nprovider = "${provided}"\n${more}\n`;
  return [
    `[server]\nport = 0\ndashboard = true\nworkers = ${WORKERS}`,
    "[logging]\nenabled = true",
    "[metrics]\nenabled = true",
    "[breaker]\nconsecutive_failures = 4\nfirst_pause_s = 300\nmax_pause_s = 300",
    "[failover]\nretry_share = 1.0",
    provider("well", well.url),
    provider("bad", bad.url),
    provider("held", `${held.origin}/v1`),
    provider("limited", `${held.origin}/v1`, "max_concurrency = 1"),
    rule("bad", "bad", 'fallbacks = [{ provider = "well", model = "m" }]'),
    rule("held", "held"),
    rule("limited", "limited"),
    rule("", "well"),
  ].join("\n\n");
}

/** Each on a connection of its own: they go to the workers by turns. */
function ask(url: string, model = "m", path = "/v1/chat/completions", more: object = {}) {
  const body = { model, messages: [{ role: "user", content: "hi" }], ...more };
  return exchange(url + path, { body: JSON.stringify(body) });
}

async function json(url: string): Promise<ReturnType<typeof JSON.parse>> {
  return JSON.parse((await exchange(url)).body.toString());
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("two workers at one port", { skip: process.platform !== "linux" }, () => {
  let [well, bad]: Upstream[] = [];
  let held: TcpUpstream;
  let router: RunningRouter;
  const open: Socket[] = [];
  let mostOpen = 0;
  const feeds: RawClient[] = [];

  before(async () => {
    well = await startUpstream("openai");
    bad = await startUpstream("openai");
    bad.answer({ error: { status: 500, message: "no" } });
    held = await startTcpUpstream((socket) => {
      open.push(socket);
      mostOpen = Math.max(mostOpen, open.length);
    });
    router = await startRouter(configOf(well, bad, held));
    await watch();
  });

  after(async () => {
    for (const { socket } of feeds) socket.destroy();
    await router.close();
    await Promise.all([well?.close(), bad?.close(), held.close()]);
  });

  const heard = () => feeds.map((feed) => feed.heard()).join("");
  const watch = async () => {
    const last = heard()
      .match(/^id: \S+/gm)
      ?.at(-1)
      ?.slice("id: ".length);
    const again = last === undefined ? "" : `last-event-id: ${last}\r\n`;
    const feed = await rawClient(router.url, `GET /dashboard/events HTTP/1.1\r\nhost: localhost\r\n${again}\r\n`);
    feeds.push(feed);
    await feed.hears(": connected");
  };
  const completes = () => heard().split('"type":"complete"').length - 1;
  const records = () => {
    const text = readFileSync(join(router.folder, "logs/requests.jsonl"), "utf8");
    const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
  };

  test("feed, log, statistics and metrics have what both did", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(router.url)));
    deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    await until(() => completes() === 8, "the feed to tell of all");
    await until(() => records().length === 8, "the log to have all");
    await until(async () => (await json(`${router.url}/router/exchanges`)).exchanges.length === 8, "the store");
    const metrics = (await exchange(`${router.url}/metrics`)).body.toString();
    match(metrics, /router_requests_total\{provider="well",[^}]*outcome="ok"[^}]*\} 8\n/);
    const { providers } = await json(`${router.url}/router/providers`);
    const live = providers.find(({ name }: { name: string }) => name === "well").live;
    equal(live.in_flight, 0);
    equal((await exchange(`${router.url}/ready`)).status, 200);
    const plan = await exchange(`${router.url}/router/route`, {
      body: JSON.stringify({ model: "bad", messages: [{ role: "user", content: "hi" }] }),
    });
    deepEqual(
      JSON.parse(plan.body.toString()).targets.map(({ provider }: { provider: string }) => provider),
      ["bad", "well"],
    );
  });

  test("a breaker opens by what both saw, and is open for both", async () => {
    for (let count = 0; count < 4; count++) equal((await ask(router.url, "bad")).status, 200);
    equal(bad?.requests.length, 4);
    const isOpen = async () => {
      const { providers } = await json(`${router.url}/router/providers`);
      return providers.some(({ live }: { live: { troubled_models: unknown[] } }) => live.troubled_models.length > 0);
    };
    await until(isOpen, "the breaker to open");
    await until(() => heard().includes('"type":"provider"'), "the feed to tell of it");
    for (let count = 0; count < 4; count++) equal((await ask(router.url, "bad")).headers["x-router-provider"], "well");
    equal(bad?.requests.length, 4);
    equal(heard().split('"state":"open"').length - 1, 1);
  });

  test("a limit of one holds for both together", async () => {
    mostOpen = 0;
    const asked = Array.from({ length: 4 }, () => ask(router.url, "limited"));
    for (let count = 0; count < 4; count++) {
      await until(() => open.length === 1, "the next to be sent");
      const [socket] = open.splice(0);
      socket?.write(httpAnswer(200, "application/json", ANSWER));
    }
    deepEqual(new Set((await Promise.all(asked)).map(({ status }) => status)), new Set([200]));
    equal(mostOpen, 1);
  });

  test("a conversation goes on at either: what one answered, the other knows at once", async () => {
    let previous: string | undefined;
    for (let turn = 1; turn <= 6; turn++) {
      const answer = await exchange(`${router.url}/v1/responses`, {
        body: JSON.stringify({
          model: "m",
          input: `turn ${turn}`,
          ...(previous && { previous_response_id: previous }),
        }),
      });
      equal(answer.status, 200, answer.body.toString());
      previous = JSON.parse(answer.body.toString()).id;
      const messages = well?.last().body["messages"];
      equal(Array.isArray(messages) && messages.length, 2 * turn - 1);
      equal((await exchange(`${router.url}/v1/responses/${previous}`)).status, 200);
    }
  });

  test("a worker that is killed takes its own requests with it, and is replaced", async () => {
    const before = childrenOf(router.pid);
    equal(before.length, WORKERS);
    const messages = [{ role: "user", content: "hi" }];
    const body = JSON.stringify({ model: "held", stream: true, messages });
    const streams: RawClient[] = [];
    for (let count = 0; count < 4; count++) {
      const stream = await rawClient(router.url, post("/v1/chat/completions", body));
      streams.push(stream);
      await until(() => open.length === count + 1, "the stream to be asked for");
      open[count]?.write(BEGUN);
      await stream.hears("Hello");
    }
    const starts = () => heard().split('"type":"start"').length - 1;
    const ofHeld = () => heard().match(/"type":"start"[^\n]*"model":"held"/g)?.length;
    await until(() => ofHeld() === 4 && starts() === completes() + 4, "the feed to tell of them");
    const told = completes();
    process.kill(before[0] ?? 0, "SIGKILL");
    await until(() => streams.filter((stream) => stream.closed()).length === 2, "its streams to be cut");
    for (const socket of open.splice(0)) if (!socket.destroyed) socket.write(REST);
    const left = streams.filter((stream) => !stream.closed());
    equal(left.length, 2);
    for (const stream of left) await stream.hears("[DONE]");
    await until(() => childrenOf(router.pid).length === WORKERS, "another to take its place");
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(router.url)));
    deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    // Who watched by way of the worker that died comes again, as the page does, and has missed nothing.
    await until(async () => {
      if (feeds.at(-1)?.closed()) await watch();
      return completes() === told + 10;
    }, "the feed to have the end of all");
    equal(heard().split('"outcome":"cut"').length - 1, 2);
    match(router.logs(), /worker 1 \(process \d+\) ended \(SIGKILL\), and 2 requests with it: another takes its place/);
    await until(() => records().length === completes(), "the log to be whole");
    const still = await ask(router.url, "bad");
    equal(still.headers["x-router-provider"], "well");
    for (const stream of streams) stream.socket.destroy();
  });

  test("the one that took its place knows what was known", async () => {
    await until(() => /worker 3 \(process \d+\) serves/.test(router.logs()), "it to serve");
    for (let count = 0; count < 4; count++) equal((await ask(router.url, "bad")).headers["x-router-provider"], "well");
    equal(bad?.requests.length, 4);
  });

  test("a config is taken by all or by none", async () => {
    const file = join(router.folder, "config.toml");
    const toml = readFileSync(file, "utf8");
    writeFileSync(file, toml.replace("retry_share = 1.0", "retry_share = 2.0x"));
    await until(() => router.logs().includes("was not taken over"), "the wrong config to be told of");
    writeFileSync(file, toml.replace("retry_share = 1.0", "retry_share = 0.5"));
    await until(() => router.logs().includes("config version 2"), "the config to be taken");
    for (let count = 0; count < 4; count++) {
      const { headers } = await ask(router.url);
      equal(headers["x-router-config"], "2");
    }
    equal((await json(`${router.url}/router/config`)).version, 2);
  });

  test("SIGTERM: what is under way ends well, and nobody is left", async () => {
    const workers = childrenOf(router.pid);
    open.splice(0);
    const asked = ask(router.url, "held");
    await until(() => open.length === 1, "it to be sent");
    router.signal("SIGTERM");
    await until(() => router.logs().includes("finishing what is under way"), "the signal to be heard");
    open[0]?.write(httpAnswer(200, "application/json", ANSWER));
    equal((await asked).status, 200);
    equal(await router.ended, 0, router.logs());
    ok(records().every(({ type }) => type === "complete"));
    await until(() => workers.every((pid) => !isAlive(pid)), "the workers to end");
  });
});

describe("a primary that is killed", { skip: process.platform !== "linux" }, () => {
  test("takes its workers with it, and leaves nothing behind", async (t) => {
    const scratch = await scratchFolder(t);
    const simulated = `[server]\nport = 0\nworkers = 2\n[[providers]]\nname = "p"\nformat = "simulated"\n[[routers]]\ntype = "fallback"`;
    const router = await startRouter(simulated, { TMPDIR: scratch });
    t.after(() => router.close());
    equal(readdirSync(scratch).length, 1);
    const workers = childrenOf(router.pid);
    router.signal("SIGKILL");
    await router.ended;
    await until(() => workers.every((pid) => !isAlive(pid)), "the workers to end");
    equal(readdirSync(scratch).length, 0);
  });
});
