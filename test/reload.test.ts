import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { configSummarySchema } from "../src/api/routing.ts";
import { type Cleanup, oneProvider } from "./support/in-process.ts";
import { post, rawClient } from "./support/raw-client.ts";
import { type RunningRouter, startRouter } from "./support/router.ts";
import { until } from "./support/until.ts";
import { startUpstream } from "./support/upstream/upstream.ts";

/** The provider of version N is called `sim-N`: what an answer says of both has to fit. */
function configOf(version: number, more = ""): string {
  return [
    `[server]\nport = 0\ndashboard = true\n${more}`,
    `[[providers]]\nname = "sim-${version}"\nformat = "simulated"\ntokens_per_s = 10000`,
    `[[providers]]\nname = "slow"\nformat = "simulated"\ntokens_per_s = 30\nmodels = ["slow"]`,
    `[[routers]]\ntype = "prefix"\nmodel_prefix = "slow"\nprovider = "slow"`,
    `[[routers]]\ntype = "prefix"\nmodel_prefix = "m"\nprovider = "sim-${version}"`,
  ].join("\n\n");
}

async function running(test: Cleanup, toml: string): Promise<RunningRouter> {
  const router = await startRouter(toml);
  test.after(() => router.close());
  return router;
}

/** As editors do: another file takes its place. */
function rewrite(router: RunningRouter, text: string): void {
  const file = join(router.folder, "config.toml");
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

const says = (router: RunningRouter, what: string | RegExp) =>
  until(() => (typeof what === "string" ? router.logs().includes(what) : what.test(router.logs())), `log: ${what}`);

function chat(model: string, stream: boolean): string {
  return JSON.stringify({ model, stream, messages: [{ role: "user", content: "say a few dozen words to me" }] });
}

interface Answer {
  status: number;
  config: string | null;
  provider: string | null;
  isWhole: boolean;
}

async function ask(router: RunningRouter, stream: boolean): Promise<Answer> {
  const response = await fetch(`${router.url}/v1/chat/completions`, { method: "POST", body: chat("m", stream) });
  const text = await response.text();
  return {
    status: response.status,
    config: response.headers.get("x-router-config"),
    provider: response.headers.get("x-router-provider"),
    isWhole: stream ? text.endsWith("data: [DONE]\n\n") : JSON.parse(text).object === "chat.completion",
  };
}

describe("a config that changes while the router runs", () => {
  test("20 reloads under load: no request fails, each has one version, a stream ends on the one it began with", async (t) => {
    const router = await running(t, configOf(1));
    const slow = await rawClient(router.url, post("/v1/chat/completions", chat("slow", true)));
    await slow.hears("data: ");
    const answers: Promise<Answer>[] = [];
    const load = setInterval(() => answers.push(ask(router, answers.length % 2 === 0)), 20);
    for (let version = 2; version <= 21; version++) {
      rewrite(router, configOf(version));
      await says(router, `config version ${version}:`);
    }
    answers.push(ask(router, true));
    clearInterval(load);
    const got = await Promise.all(answers);
    deepEqual(
      got.filter(({ status, isWhole }) => status !== 200 || !isWhole),
      [],
    );
    deepEqual(
      got.filter(({ config, provider }) => provider !== `sim-${config}`),
      [],
    );
    equal(got.at(-1)?.config, "21");
    ok(new Set(got.map(({ config }) => config)).size > 10, "the load met few versions");
    const stream = await slow.hears("data: [DONE]\n\n");
    match(stream, /X-Router-Config: 1\r\n/);
    slow.socket.destroy();
  });

  test("a wrong, a half written and a deleted file change nothing and are told of; whole again it is taken", async (t) => {
    const router = await running(t, configOf(1));
    const file = join(router.folder, "config.toml");
    const watcher = await rawClient(router.url, "GET /dashboard/events HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await watcher.hears(": connected");
    rewrite(router, configOf(2).replace("[server]", "[sever]"));
    await says(router, /error \S*config\.toml:1:1 {2}sever: unknown section/);
    await watcher.hears(/"type":"config","ts_ms":\d+,"version":1,"ok":false,"problems":\["[^"]*config\.toml:1:1/);
    writeFileSync(file, configOf(2).slice(0, 60));
    await says(router, "not TOML");
    equal((await ask(router, false)).provider, "sim-1");
    writeFileSync(file, configOf(2));
    await says(router, "config version 2:");
    rmSync(file);
    await says(router, "no such file");
    equal((await ask(router, false)).provider, "sim-2");
    writeFileSync(file, configOf(3));
    await says(router, "config version 3:");
    equal((await ask(router, false)).provider, "sim-3");
    await watcher.hears('"version":3,"ok":true');
    watcher.socket.destroy();
  });

  test("SIGHUP reads it again; a key in .env counts at once; host and port stay, with a warning", async (t) => {
    const router = await running(t, configOf(1));
    const watcher = await rawClient(router.url, "GET /dashboard/events HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await watcher.hears(": connected");
    router.signal("SIGHUP");
    await says(router, /config version 2: .*\(SIGHUP\)/);
    writeFileSync(join(router.folder, ".env"), "ROUTER_KEY=router-key-1\n");
    await says(router, "config version 3:");
    rewrite(router, configOf(4, 'api_key_env = "ROUTER_KEY"').replace("port = 0", "port = 1"));
    await says(router, "config version 4:");
    match(router.logs(), /warn \[server\] host and port change only with a restart/);
    equal((await fetch(`${router.url}/v1/models`)).status, 401);
    equal((await fetch(`${router.url}/v1/models`, { headers: { "x-api-key": "router-key-1" } })).status, 200);
    await watcher.ended();
    ok(!router.logs().includes("router-key-1"));
  });

  test("a provider that moved is asked where it is now", async (t) => {
    const places = await Promise.all([startUpstream("openai"), startUpstream("openai")]);
    const [old, now] = places;
    t.after(async () => void (await Promise.all(places.map((place) => place.close()))));
    const at = (url: string) => `[server]\nport = 0\n\n${oneProvider("openai", url)}`;
    const router = await running(t, at(old.url));
    equal((await ask(router, false)).status, 200);
    rewrite(router, at(now.url));
    await says(router, "config version 2:");
    equal((await ask(router, false)).status, 200);
    deepEqual(
      [old, now].map(({ requests }) => requests.length),
      [1, 1],
    );
  });

  test("requests that fail under a new config bring the one before back, unless they failed before or nobody wants that", async (t) => {
    const of = (provider: string, rule: string, isOn = true) =>
      [
        `[server]\nport = 0\n[routing]\nrollback_on_errors = ${isOn}`,
        `[failover]\nmax_attempts = 1\n[breaker]\nenabled = false`,
        `[[providers]]\nname = "sim"\nformat = "simulated"\ntokens_per_s = 10000\n${provider}`,
        `[[routers]]\ntype = "prefix"\nprovider = "sim"\nmodel_prefix = "${rule}"`,
      ].join("\n");
    const down = "error_rate = 1";
    const router = await running(t, of(down, "m"));
    const statuses = async (count: number) => {
      const all = await Promise.all(Array.from({ length: count }, () => ask(router, false).catch(() => undefined)));
      return all.map((answer) => answer?.status);
    };
    const take = async (version: number, toml: string) => {
      rewrite(router, toml);
      await says(router, `config version ${version}:`);
    };
    await statuses(30);
    await take(2, of(`${down}\nquality = 1`, "m"));
    await statuses(30);
    await take(3, of("", "m"));
    deepEqual(new Set(await statuses(30)), new Set([200]));
    ok(!router.logs().includes("rollback"), router.logs());

    await take(4, of("", "other"));
    await statuses(20);
    await says(router, /error config version 5: 20 of 20 \(100 %\) requests failed under version 4, 0 of 30 \(0 %\)/);
    deepEqual(await statuses(1), [200]);
    const { version, reloads } = configSummarySchema.parse(await (await fetch(`${router.url}/router/config`)).json());
    deepEqual([version, reloads.map((one) => one.source)], [5, ["rollback", "file", "file", "file"]]);
    match(reloads[0]?.problems[0] ?? "", /failed under version 4.*: the config of version 3 answers again$/);
    deepEqual(reloads[0]?.changes, ['rule 1 (prefix "other" → sim): model_prefix "other" → "m"']);

    router.signal("SIGHUP");
    await says(router, "config version 6:");
    deepEqual(await statuses(1), [400]);
    await take(7, of("", "other", false));
    deepEqual(new Set(await statuses(30)), new Set([400]));
    equal(router.logs().match(/source=rollback/g)?.length, 1);
  });

  test("50 reloads leave no file, socket or watcher behind", async (t) => {
    const router = await running(t, configOf(1));
    const open = () => (existsSync("/proc/self/fd") ? readdirSync(`/proc/${router.pid}/fd`).length : 0);
    await ask(router, false);
    const before = open();
    for (let version = 2; version <= 51; version++) {
      router.signal("SIGHUP");
      await says(router, `config version ${version}:`);
    }
    await until(() => open() <= before + 3, `${before} open files, not ${open()}`);
  });
});
