import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { providerSchema } from "../config/config.ts";
import { DIRECT, proxyAt, wayTo } from "./way.ts";

const ENV = {
  HTTPS_PROXY: "http://secure:1",
  HTTP_PROXY: "plain:2",
  NO_PROXY: "spared.com, .below.org *.deep.net,ported.com:8443",
};
const through = (origin: string, env: Record<string, string>, more: object = {}) =>
  wayTo(origin, providerSchema.parse({ name: "p", ...more }), env).proxy?.origin;

test("what the environment says, for what is not nearby", () => {
  for (const [origin, proxy] of [
    ["https://api.example.com", "http://secure:1"],
    ["http://api.example.com", "http://plain:2"],
    ["https://spared.com", undefined],
    ["https://api.spared.com", undefined],
    ["https://unspared.com", "http://secure:1"],
    ["https://x.below.org", undefined],
    ["https://a.deep.net", undefined],
    ["https://ported.com", "http://secure:1"],
    ["https://ported.com:8443", undefined],
    ["http://localhost:11434", undefined],
    ["http://[::1]:1", undefined],
    ["http://192.168.1.5:1", undefined],
    ["https://gateway.internal", undefined],
  ] as const)
    equal(through(origin, ENV), proxy, origin);
  equal(through("https://a.com", { ...ENV, https_proxy: "http://lower:3" }), "http://lower:3");
  equal(through("https://a.com", { ALL_PROXY: "http://all:4" }), "http://all:4");
  equal(through("https://a.com", { ...ENV, no_proxy: "*" }), undefined);
  equal(through("https://a.com", { HTTPS_PROXY: "socks5://x:1" }), undefined);
});

test("the config wins, nearby too", () => {
  equal(through("https://a.com", ENV, { proxy: "none" }), undefined);
  equal(through("http://localhost:1", ENV, { proxy: "http://own:5" }), "http://own:5");
});

test("user and password go into the header, and nowhere else", () => {
  deepEqual(proxyAt("http://us%20er:p%40ss@proxy:3128"), {
    origin: "http://proxy:3128",
    authorization: `Basic ${Buffer.from("us er:p@ss").toString("base64")}`,
  });
  equal(proxyAt("http://a:%E0%A4%A@proxy"), undefined);
});

test("connections are shared only by those who go the same way", () => {
  const way = (more: object) =>
    wayTo("https://a.com", providerSchema.parse({ name: "p", ...more }), { "ca_file:a": "A", "ca_file:b": "B" });
  equal(way({}), DIRECT);
  const keys = [{}, { ca_file: "a" }, { ca_file: "b" }, { proxy: "http://x" }, { proxy: "http://u:p@x" }].map(
    (more) => way(more).key,
  );
  equal(new Set(keys).size, 5);
  throws(() => way({ ca_file: "c" }), /was not read/);
});
