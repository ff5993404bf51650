import { deepEqual, equal, match } from "node:assert/strict";
import { describe, test } from "node:test";
import type { Headers } from "../wire/format.ts";
import { type Door, Guard, keysInQuery, type ServerKeys } from "./auth.ts";

const KEY = "secret key é";

function admits(headers: Headers, query = ""): boolean {
  return (
    new Guard({ clients: [{ name: "ci", key: KEY }], admin: undefined }).admits(headers, search(query), "client") !==
    undefined
  );
}

const search = (query: string, path = "/v1beta/models/m") => keysInQuery(path, new URLSearchParams(query));
const NONE: ServerKeys = { clients: [], admin: undefined };

describe("the guard", () => {
  test("without a key every request is admitted", () => {
    for (const door of DOORS) {
      deepEqual(new Guard(NONE).admits({}, [], door), { key: undefined });
      deepEqual(new Guard(NONE).admits({ authorization: "Bearer x" }, [], door), { key: undefined });
    }
  });

  test("the key, in each of the ways", () => {
    equal(admits({ authorization: `Bearer ${KEY}` }), true);
    equal(admits({ authorization: `bearer   ${KEY}  ` }), true);
    equal(admits({ "x-api-key": KEY }), true);
    equal(admits({ "x-goog-api-key": KEY }), true);
    equal(admits({}, `api_key=${encodeURIComponent(KEY)}`), true);
    equal(admits({}, `key=${encodeURIComponent(KEY)}`), true);
  });

  test("`?key=` on the paths of Gemini's API alone", () => {
    const paths = ["/v1beta/models", "/v1/models", "/models/m:generateContent", "/v1/tunedModels/m:countTokens"];
    for (const path of paths) deepEqual(search("key=k", path), ["k"], path);
    const others = ["/v1/chat/completions", "/modelsx", "/api/tags", "/dashboard", "/router/models", "/v1betax", "/"];
    for (const path of others) deepEqual(search("key=k&api_key=a", path), ["a"], path);
  });

  test("nothing, something else, a part, or more than the key", () => {
    for (const key of ["", "x", KEY.slice(0, -1), `${KEY}x`, ` ${KEY} x`, KEY.toUpperCase(), "undefined"]) {
      equal(admits({ authorization: `Bearer ${key}` }), false, key);
      equal(admits({ "x-api-key": key }), false, key);
      equal(admits({}, `api_key=${encodeURIComponent(key)}`), false, key);
      equal(admits({}, `key=${encodeURIComponent(key)}`), false, key);
    }
    equal(admits({}), false);
  });

  test("other places and schemes do not count", () => {
    equal(admits({ authorization: KEY }), false);
    equal(admits({ authorization: `Basic ${KEY}` }), false);
    equal(admits({ cookie: `api_key=${KEY}` }), false);
    equal(admits({}, `apikey=${encodeURIComponent(KEY)}`), false);
    equal(admits({ "x-api-key": [KEY, KEY] }), false);
  });

  test("one right key among wrong ones is enough: SDKs send a placeholder beside it", () => {
    equal(admits({ authorization: "Bearer placeholder", "x-api-key": KEY }), true);
    equal(admits({ authorization: "Bearer placeholder" }, `api_key=${encodeURIComponent(KEY)}`), true);
  });

  test("an empty key in the guard is still a key", () => {
    const guard = new Guard({ clients: [{ name: "a", key: "" }], admin: undefined });
    equal(guard.admits({}, [], "client"), undefined);
    equal(guard.admits({ authorization: "Bearer " }, [], "client"), undefined);
  });

  test("a wrong key of any length takes the same path as one that is nearly right", () => {
    // Digests have one length, so the comparison cannot throw for keys of another.
    for (const length of [1, 31, 32, 33, 100_000]) equal(admits({ "x-api-key": "k".repeat(length) }), false);
  });

  test("each key opens its doors, and is called by its name", () => {
    const clients = ["a", "b"].map((name) => ({ name, key: `key of ${name}` }));
    const opened = (keys: ServerKeys, key: string) =>
      DOORS.map((door) => new Guard(keys).admits({ "x-api-key": key }, [], door)).map((one) =>
        typeof one === "object" ? (one.key ?? null) : null,
      );
    const admin = "key of the owner";
    // For client, admin, any; null: nobody, or nobody in particular.
    deepEqual(opened({ clients, admin: undefined }, "key of b"), ["b", "b", "b"]);
    deepEqual(opened({ clients, admin }, "key of b"), ["b", null, "b"]);
    const owner = (keys: ServerKeys, key: string) =>
      DOORS.filter((door) => new Guard(keys).admits({ "x-api-key": key }, [], door));
    deepEqual(owner({ clients, admin }, admin), ["admin", "any"]);
    deepEqual(owner({ clients, admin }, "key of a"), ["client", "any"]);
    deepEqual(owner({ clients, admin }, "wrong"), []);
    deepEqual(owner({ clients: [], admin }, "wrong"), ["client", "any"], "clients need none");
    deepEqual(owner({ clients: [], admin }, admin), ["client", "admin", "any"]);
  });

  test("two right keys: nobody could say who asks; a key for another door does not count", () => {
    const clients = ["a", "b"].map((name) => ({ name, key: `key of ${name}` }));
    const guard = new Guard({ clients, admin: "owner's" });
    const both = { authorization: "Bearer key of b", "x-api-key": "key of a" };
    for (const door of ["client", "any"] as const) equal(guard.admits(both, [], door), "two keys");
    equal(guard.refusal(both, [], "client").code, "bad_request");
    equal(guard.admits({ ...both, authorization: "Bearer wrong" }, search("api_key=key+of+b"), "client"), "two keys");
    const twice = { authorization: "Bearer key of b", "x-api-key": "key of b" };
    deepEqual(guard.admits(twice, search("key=key+of+b"), "client"), { key: "b" }, "one key in all places");
    deepEqual(guard.admits({ ...both, authorization: "Bearer owner's" }, [], "client"), { key: "a" });
  });

  test("who has a key for another door is told so; others are told nothing", () => {
    const guard = new Guard({ clients: [{ name: "a", key: "client's" }], admin: "owner's" });
    const why = (key: string, door: Door) => guard.refusal({ "x-api-key": key }, [], door).message;
    match(why("client's", "admin"), /admin_key_env/);
    match(why("owner's", "client"), /a client's key/);
    for (const door of DOORS) equal(why("wrong", door), "missing or wrong API key");
  });
});

const DOORS: readonly Door[] = ["client", "admin", "any"];
