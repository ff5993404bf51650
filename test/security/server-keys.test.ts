import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Route } from "../../src/server/call.ts";
import { allRoutes } from "../support/all-routes.ts";
import { exchange } from "../support/exchange.ts";
import { type InProcessRouter, inProcess, startInProcess } from "../support/in-process.ts";
import { startRouter } from "../support/router.ts";
import { httpAnswer, tcpUpstream } from "../support/tcp-upstream.ts";
import { until } from "../support/until.ts";

// Several clients and an owner: whose key opens what, on every route the router has. every-route.test.ts has the one key, and
// the places and spellings that are none.

const ENV = { A_KEY: "the-key-of-client-a", CI_KEY: "the-key-of-client-ci", ADMIN_KEY: "the-key-of-the-owner" };
const CLIENTS = `api_keys_env = ["A_KEY"]
[[server.keys]]
name = "ci"
key_env = "CI_KEY"`;
const config = (server: string) => `[server]
dashboard = true
${server}
[metrics]
enabled = true
[[providers]]
name = "sim"
format = "simulated"
[[routers]]
type = "client"
key = "ci"
provider = "sim"
rewrite_model = "for-ci"
[[routers]]
type = "fallback"`;

const HEADERS: Record<string, (key: string) => Record<string, string>> = {
  bearer: (key) => ({ authorization: `Bearer ${key}` }),
  "x-api-key": (key) => ({ "x-api-key": key }),
  "x-goog-api-key": (key) => ({ "x-goog-api-key": key }),
  "api-key": (key) => ({ "api-key": key }),
};
const PLACES = [...Object.keys(HEADERS), "?api_key=", "?key="];
/** Where other routers look. */
const NO_PLACES = new Set(["api-key"]);
const KEYS = { none: "", wrong: "the-key-of-nobody", ...ENV };
type Holder = keyof typeof KEYS;
const HOLDERS = ["A_KEY", "CI_KEY", "ADMIN_KEY"] as const;

const isOwners = ({ path }: Route) => /^\/(?:router|dashboard|metrics)(?:\/|$)/.test(path);

/** Whose clients write `?key=`. */
const isGeminis = ({ path }: Route) => /^(\/v1)?\/(v1beta|models|tunedModels)\b/.test(path);

/** Who gets in by what is asked for. */
function opens(route: Route, holder: Holder, keys: { clients: boolean; admin: boolean }): boolean {
  if (route.open) return true;
  if (isOwners(route) && keys.admin) return holder === "ADMIN_KEY";
  return !keys.clients || holder === "A_KEY" || holder === "CI_KEY";
}

const SETUPS = {
  "clients' keys and an admin key": { clients: true, admin: true },
  "clients' keys alone": { clients: true, admin: false },
  "an admin key alone": { clients: false, admin: true },
};

for (const [name, keys] of Object.entries(SETUPS)) {
  describe(name, () => {
    let router: InProcessRouter;
    before(async () => {
      const admin = keys.admin ? 'admin_key_env = "ADMIN_KEY"\n' : "";
      router = await startInProcess(config(admin + (keys.clients ? CLIENTS : "")), { env: ENV });
    });
    after(() => router.close());

    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    after(() => agent.destroy());

    test("every route, each holder of a key, in each place", async () => {
      // Places are the same for all of them; those that are none are told apart where there is most to lose.
      const places = keys.clients && keys.admin ? PLACES : ["bearer"];
      const asked = allRoutes().flatMap((route) => [
        { route, place: "bearer", holder: "none" as const },
        { route, place: "bearer", holder: "wrong" as const },
        ...places.flatMap((place) => HOLDERS.map((holder) => ({ route, place, holder }))),
      ]);
      const found = await Promise.all(
        asked.map(async ({ route, place, holder }) => {
          const status = await statusOf(route, place, KEYS[holder]);
          const isPlace = !NO_PLACES.has(place) && (place !== "?key=" || isGeminis(route));
          const mayEnter = opens(route, isPlace ? holder : "none", keys);
          return (status !== 401) === mayEnter ? [] : [`${route.method} ${route.path}, ${place} ${holder}: ${status}`];
        }),
      );
      deepEqual(found.flat(), []);
    });

    /** Of an answer; its body, which may have no end, is not waited for. */
    function statusOf({ method, path }: Route, place: string, key: string): Promise<number> {
      const { hostname, port } = new URL(router.url);
      const query = place.startsWith("?") ? `${place}${encodeURIComponent(key)}` : "";
      const headers = key === "" ? {} : (HEADERS[place]?.(key) ?? {});
      const target = { hostname, port, method, path: path.replace("*", "simulated") + query, headers, agent };
      return new Promise((resolve, reject) => {
        const outgoing = request(target, (incoming) => {
          resolve(incoming.statusCode ?? 0);
          const isEndless = String(incoming.headers["content-type"]).startsWith("text/event-stream");
          if (isEndless) incoming.destroy();
          else incoming.resume();
        });
        outgoing.on("error", reject);
        outgoing.end(method === "POST" ? "{}" : undefined);
      });
    }
  });
}

test("all that tells of everybody's requests is the owner's, and nothing else is", () => {
  const routes = allRoutes();
  deepEqual(
    routes.filter((route) => (route.admin === true) !== isOwners(route)).map(({ path }) => path),
    [],
  );
  ok(routes.filter(isOwners).length > 10);
});

test("whose key it was is known to rules and events, by its name", async (t) => {
  const router = await inProcess(t, config(`admin_key_env = "ADMIN_KEY"\n${CLIENTS}`), { env: ENV });
  const ask = (headers: Record<string, string>) =>
    exchange(`${router.url}/v1/chat/completions`, { headers, body: JSON.stringify(ASKED) });
  await ask({ "x-api-key": ENV.CI_KEY });
  await ask({ authorization: `Bearer ${ENV.A_KEY}` });
  const said = await ask({ "x-api-key": ENV.ADMIN_KEY });
  equal(said.status, 401);
  match(said.body.toString(), /the admin key is not for this/);
  const told = (await router.completed(2)).map(({ key, sent_model }) => [key, sent_model]);
  deepEqual(told, [
    ["ci", "for-ci"],
    ["A_KEY", "m"],
  ]);
  deepEqual(
    router.starts().map(({ key }) => key),
    ["ci", "A_KEY"],
  );
});

const ASKED = { model: "m", messages: [{ role: "user", content: "hello" }] };

test("no key of anybody's gets out, wherever it is from, with everything turned on that writes", async (t) => {
  const keys = {
    client: "canary-client-0123456789",
    file: "canary-file-0123456789",
    admin: "canary-admin-0123456789",
    provider: "canary-provider-0123456789",
    wrong: "canary-wrong-0123456789",
  };
  // Some do that, and the client is told what its provider said.
  const upstream = await tcpUpstream(t, (socket, { head }) => {
    const said = { error: { message: `Incorrect API key provided: ${head.join(" ")}` } };
    socket.write(httpAnswer(401, "application/json", JSON.stringify(said)));
  });
  const print = (key: string) => `"exec:${process.execPath} -p \\"'${key.slice(0, 9)}' + '${key.slice(9)}'\\""`;
  const toml = `[server]
port = 0
dashboard = true
api_keys_env = ["CLIENT"]
admin_key_from = ${print(keys.admin)}
[[server.keys]]
name = "of-a-file"
key_from = "file:key"
[logging]
enabled = true
path = "log.jsonl"
[metrics]
enabled = true
[[providers]]
name = "echo"
format = "openai"
base_url = "${upstream.origin}"
api_key_from = ${print(keys.provider)}
[[routers]]
type = "fallback"`;
  const env = { CLIENT: keys.client, OPENSOURCELLMROUTER_LOG_LEVEL: "debug" };
  const router = await startRouter(toml, env, { files: { key: `${keys.file}\n` } });
  t.after(() => router.close());
  const said: string[] = [];
  const get = async (path: string, headers: Record<string, string>, init: RequestInit = {}) => {
    const response = await fetch(router.url + path, { ...init, headers });
    const told = await response.text();
    said.push(JSON.stringify([...response.headers]), told);
    return response.status;
  };
  const post = { method: "POST", body: JSON.stringify(ASKED) };
  const chat = "/v1/chat/completions";
  equal(await get(chat, { "x-api-key": keys.client }, post), 502);
  equal(await get(`${chat}?api_key=${keys.file}`, {}, post), 502);
  equal(await get(`${chat}?key=${keys.wrong}`, { authorization: `Bearer ${keys.wrong}` }, post), 401);
  equal(await get(`/v1/nothing?api_key=${keys.client}`, {}), 404);
  const owner = { authorization: `Bearer ${keys.admin}` };
  await until(
    async () => (await readFile(join(router.folder, "log.jsonl"), "utf8")).split("\n").length > 2,
    "two records",
  );
  for (const path of [
    "/metrics",
    "/router/status",
    "/router/config",
    "/router/providers",
    "/router/exchanges",
    "/dashboard",
  ]) {
    // The page is there once it is built.
    ok([200, path === "/dashboard" ? 404 : 200].includes(await get(path, owner)), path);
  }
  const log = await readFile(join(router.folder, "log.jsonl"), "utf8");
  equal(upstream.requests.length, 2);
  match(upstream.requests[0]?.head.join("\n") ?? "", /canary-provider-0123456789/);
  match(log, /"key":"of-a-file"/);
  match(router.logs(), /request_id/);
  for (const [whose, key] of Object.entries(keys)) {
    for (const [where, text] of Object.entries({ log, printed: router.logs(), answers: said.join("\n") })) {
      ok(!text.includes(key), `the key ${whose} is in what is ${where}`);
    }
  }
});
