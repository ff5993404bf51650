import { equal } from "node:assert/strict";
import { describe, test } from "node:test";
import type { Headers } from "../wire/format.ts";
import { Guard } from "./auth.ts";

const KEY = "secret key é";

function admits(headers: Headers, query = ""): boolean {
  return new Guard(KEY).admits(headers, new URLSearchParams(query));
}

describe("the guard", () => {
  test("without a key every request is admitted", () => {
    equal(new Guard(undefined).admits({}, undefined), true);
    equal(new Guard(undefined).admits({ authorization: "Bearer x" }, undefined), true);
  });

  test("the key, in each of the ways", () => {
    equal(admits({ authorization: `Bearer ${KEY}` }), true);
    equal(admits({ authorization: `bearer   ${KEY}  ` }), true);
    equal(admits({ "x-api-key": KEY }), true);
    equal(admits({ "x-goog-api-key": KEY }), true);
    equal(admits({}, `api_key=${encodeURIComponent(KEY)}`), true);
    equal(admits({}, `key=${encodeURIComponent(KEY)}`), true);
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
    equal(new Guard("").admits({}, undefined), false);
    equal(new Guard("").admits({ authorization: "Bearer " }, undefined), false);
  });

  test("a wrong key of any length takes the same path as one that is nearly right", () => {
    // Digests have one length, so the comparison cannot throw for keys of another.
    for (const length of [1, 31, 32, 33, 100_000]) equal(admits({ "x-api-key": "k".repeat(length) }), false);
  });
});
