import { deepEqual, ok } from "node:assert/strict";
import { Agent, request } from "node:http";
import { after, before, describe, test } from "node:test";
import type { Route } from "../../src/server/call.ts";
import { allRoutes } from "../support/all-routes.ts";
import { type InProcessRouter, startInProcess } from "../support/in-process.ts";

// Others were bypassed by a second header, a second route, another spelling of a path. So nothing here is listed by hand that
// could be forgotten: the routes are the router's own, and each meets every credential in every place and every spelling.

const KEY = "the-router-key";
const CONFIG = `[server]
dashboard = true
api_key_env = "ROUTER_KEY"
[[providers]]
name = "sim"
format = "simulated"
[[routers]]
type = "fallback"`;

/** Places a key is looked for, and places where others have looked for one. */
const PLACES: Record<string, (key: string) => { headers?: Record<string, string>; query?: string }> = {
  bearer: (key) => ({ headers: { authorization: `Bearer ${key}` } }),
  "x-api-key": (key) => ({ headers: { "x-api-key": key } }),
  "x-goog-api-key": (key) => ({ headers: { "x-goog-api-key": key } }),
  "?api_key=": (key) => ({ query: `api_key=${key}` }),
  "?key=": (key) => ({ query: `key=${key}` }),
  basic: (key) => ({ headers: { authorization: `Basic ${Buffer.from(`:${key}`).toString("base64")}` } }),
  "authorization without a scheme": (key) => ({ headers: { authorization: key } }),
  "api-key": (key) => ({ headers: { "api-key": key } }),
  cookie: (key) => ({ headers: { cookie: `api_key=${key}; key=${key}; authorization=Bearer ${key}` } }),
  "?token=": (key) => ({ query: `token=${key}&access_token=${key}` }),
};
const ACCEPTED = new Set(["bearer", "x-api-key", "x-goog-api-key", "?api_key=", "?key="]);
/** Gemini's clients alone write `?key=`. */
const isPlace = (place: string, { path }: Route) =>
  ACCEPTED.has(place) && (place !== "?key=" || /^(\/v1)?\/(v1beta|models|tunedModels)\b/.test(path));

const WRONG = ["wrong", "", KEY.slice(0, -1), `${KEY}x`, KEY.toUpperCase(), "%00", "undefined", "null"];

/** Ways to write a path that others took for another one. */
const SPELLINGS: Record<string, (path: string) => string> = {
  plain: (path) => path,
  "double slash": (path) => `/${path}`,
  "trailing slash": (path) => `${path}/`,
  "dot segment": (path) => `/.${path}`,
  "encoded dot segment": (path) => `/%2e${path}`,
  "upper case": (path) => path.toUpperCase(),
  "encoded letter": (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  "encoded slash": (path) => `/${path.slice(1).replaceAll("/", "%2f")}`,
  "path parameter": (path) => `${path};x=1`,
  "encoded NUL": (path) => `${path}%00`,
  "behind /health/..": (path) => `/health/..${path}`,
  "behind /health;": (path) => `/health;${path}`,
  "behind /health%2f..": (path) => `/health%2f..${path}`,
  "behind a second /v1": (path) => `/v1${path}`,
  "absolute form": (path) => `http://127.0.0.1${path}`,
  "absolute form of /health": (path) => `http://127.0.0.1/health/..${path}`,
  backslash: (path) => path.replaceAll("/", "\\").replace("\\", "/"),
  fragment: (path) => `${path}#/health`,
};

const routes = allRoutes();
const closedRoutes = routes.filter((route) => route.open !== true);
const pathOf = (route: Route) => route.path.replace("*", "simulated");

describe("every route", () => {
  let router: InProcessRouter;
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  before(async () => {
    router = await startInProcess(CONFIG, { env: { ROUTER_KEY: KEY }, recording: true });
    await router.store?.caughtUp();
  });
  after(async () => {
    agent.destroy();
    await router.close();
  });

  /** Status of an answer; its body, which may have no end, is not waited for. */
  function statusOf(method: string, path: string, headers: Record<string, string> = {}): Promise<number> {
    const { hostname, port } = new URL(router.url);
    return new Promise((resolve, reject) => {
      const outgoing = request({ hostname, port, method, path, headers, agent }, (incoming) => {
        resolve(incoming.statusCode ?? 0);
        const isEndless = String(incoming.headers["content-type"]).startsWith("text/event-stream");
        if (isEndless) incoming.destroy();
        else incoming.resume();
      });
      outgoing.on("error", reject);
      outgoing.end(method === "POST" ? "{}" : undefined);
    });
  }

  /** Asks all of them, and names those that were answered otherwise than they should. */
  async function check(asked: Asked[], right: (status: number) => boolean): Promise<void> {
    const found = await Promise.all(
      asked.map(async ({ method, path, headers, query, what }) => {
        const status = await statusOf(method, query === undefined ? path : `${path}?${query}`, headers);
        return right(status) ? [] : [`${method} ${path}, ${what}: ${status}`];
      }),
    );
    deepEqual(found.flat(), []);
  }

  function asked(route: Route, spelling: string, place: string, key: string): Asked {
    const path = SPELLINGS[spelling]?.(pathOf(route)) ?? pathOf(route);
    return { method: route.method, path, what: `${spelling}, ${place} ${key}`, ...PLACES[place]?.(key) };
  }

  for (const spelling of Object.keys(SPELLINGS)) {
    // A target that names a host is refused before anybody looks for keys.
    const refused = spelling.startsWith("absolute form") ? 400 : 401;
    test(`without the key, ${spelling}: ${refused}, wherever a wrong one stands`, async () => {
      const requests = closedRoutes.flatMap((route) => {
        const keys = spelling === "plain" ? WRONG : ["wrong"];
        const places = spelling === "plain" ? Object.keys(PLACES) : [...ACCEPTED];
        return [
          { ...asked(route, spelling, "", "nothing") },
          ...places.flatMap((place) => keys.map((key) => asked(route, spelling, place, key))),
        ];
      });
      ok(requests.length >= closedRoutes.length * 6);
      await check(requests, (status) => status === refused);
    });
  }

  test("with the key in a place that is none: 401", async () => {
    const requests = closedRoutes.flatMap((route) => {
      const places = Object.keys(PLACES).filter((place) => !isPlace(place, route));
      return places.map((place) => asked(route, "plain", place, KEY));
    });
    ok(requests.some(({ query }) => query === `key=${KEY}`));
    await check(requests, (status) => status === 401);
  });

  test("with the key in each of its places: not 401, with a wrong one beside it neither", async () => {
    const requests = closedRoutes.flatMap((route) =>
      Object.keys(PLACES).flatMap((place) => {
        if (!isPlace(place, route)) return [];
        const alone = asked(route, "plain", place, KEY);
        const placeholder = { ...alone.headers, ...(place !== "bearer" && { authorization: "Bearer placeholder" }) };
        return [alone, { ...alone, headers: placeholder }];
      }),
    );
    await check(requests, (status) => status !== 401 && status !== 403 && status < 500);
  });

  test("open routes say nothing but that it is there", async () => {
    const open = routes.filter((route) => route.open === true).map(pathOf);
    deepEqual([...new Set(open)].toSorted(), OPEN);
  });

  test("called by a foreign name, with the right key: 403", async () => {
    const names = ["evil.test", "127.0.0.1.evil.test", "localhost.evil.test", "evil.test:8090", "router.internal"];
    const requests = closedRoutes.flatMap((route) =>
      names.map((host) => {
        const alone = asked(route, "plain", "bearer", KEY);
        return { ...alone, what: `Host: ${host}`, headers: { ...alone.headers, host } };
      }),
    );
    await check(requests, (status) => status === 403);
  });

  test("sent by a foreign page, with the right key: 403", async () => {
    const origins = ["https://evil.test", "null", "http://localhost.evil.test", "http://127.0.0.1:1"];
    const requests = closedRoutes.flatMap((route) =>
      origins.map((origin) => {
        const alone = asked(route, "plain", "bearer", KEY);
        return { ...alone, what: `Origin: ${origin}`, headers: { ...alone.headers, origin } };
      }),
    );
    await check(requests, (status) => status === 403);
  });
});

/** What needs no key is named here: another open route is to be a decision. */
const OPEN = ["/health", "/ready"];

interface Asked {
  method: string;
  path: string;
  headers?: Record<string, string>;
  query?: string;
  what: string;
}
