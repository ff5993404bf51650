import { deepEqual, equal, notDeepEqual } from "node:assert/strict";
import crypto from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { registerHooks, syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { test } from "node:test";

// vLLM (CVE-2025-59425) compared keys character by character: how long it took said how many were right. Times are not measured here,
// where a loaded machine decides, but what is done: for each key that could be presented it is the same calls with inputs of the same length.

const SRC = join(import.meta.dirname, "../../src");
const AUTH = join(SRC, "server/auth.ts");
const KEYS = {
  clients: ["a", "b", "c"].map((name) => ({ name, key: `${name}-key-of-sixteen-chars` })),
  admin: "the-owner's-key",
};
const RIGHT = "b-key-of-sixteen-chars";
const PRESENTED = {
  "of nobody": "z".repeat(RIGHT.length),
  "all but the last character": `${RIGHT.slice(0, -1)}x`,
  "all but the first character": `x${RIGHT.slice(1)}`,
  "a part": RIGHT.slice(0, 5),
  "more than it": `${RIGHT}x`,
  "the first one's": "a-key-of-sixteen-chars",
  "the last one's": "c-key-of-sixteen-chars",
  "the owner's": "the-owner's-key",
  "a right one": RIGHT,
};

/** Other ways to compare, which must be seen by this test. */
const WEAKER: Record<string, [from: string, to: string]> = {
  "stops at the right one": ["admitted ??= known.admitted;", "return known.admitted;"],
  "stops at the first that differs": ["if (!isRight ||", "if (!isRight) return undefined; if (!isRight ||"],
  "compares keys of one length only": [
    "timingSafeEqual(digest, known.digest)",
    "key.length === 22 && timingSafeEqual(digest, known.digest)",
  ],
  "compares the keys themselves": ['createHash("sha256").update(key).digest()', "Buffer.from(key.padEnd(40))"],
};

registerHooks({
  load(url, context, next) {
    const [from, to] = WEAKER[decodeURIComponent(new URL(url).search.slice(1))] ?? [];
    if (from === undefined || to === undefined) return next(url, context);
    const source = readFileSync(AUTH, "utf8");
    equal(source.split(from).length, 2, `auth.ts holds once: ${from}`);
    return { format: "module-typescript", source: source.replace(from, to), shortCircuit: true };
  },
});

/** What checking each key calls, in order. `variant` of `WEAKER`; none: the guard as it is. */
async function tracesOf(variant = ""): Promise<string[][]> {
  const calls: string[] = [];
  const { timingSafeEqual, createHash } = crypto;
  crypto.createHash = (...args: Parameters<typeof createHash>) => {
    calls.push(`createHash ${args[0]}`);
    return createHash(...args);
  };
  crypto.timingSafeEqual = (one, other) => {
    calls.push(`timingSafeEqual ${one.byteLength} ${other.byteLength}`);
    return timingSafeEqual(one, other);
  };
  syncBuiltinESMExports();
  try {
    const { Guard }: typeof import("../../src/server/auth.ts") = await import(`${AUTH}?${encodeURIComponent(variant)}`);
    const guard = new Guard(KEYS);
    return Object.values(PRESENTED).map((key) => {
      calls.length = 0;
      guard.admits({ "x-api-key": key }, [], "client");
      return [...calls];
    });
  } finally {
    Object.assign(crypto, { timingSafeEqual, createHash });
    syncBuiltinESMExports();
  }
}

const CONSTANT = ["createHash sha256", ...Array(4).fill("timingSafeEqual 32 32")];
const SAME = Object.values(PRESENTED).map(() => CONSTANT);

test("whichever key is presented, it is digested once and compared with each that there is", async () => {
  deepEqual(await tracesOf(), SAME);
});

for (const variant of Object.keys(WEAKER))
  test(`a guard that ${variant} is told apart`, async () => {
    notDeepEqual(await tracesOf(variant), SAME);
  });

test("keys are compared in this one place", () => {
  const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) =>
    /(?<!\.test)\.ts$/.test(file),
  );
  const holding = (text: RegExp) => sources.filter((file) => text.test(readFileSync(join(SRC, file), "utf8")));
  deepEqual(holding(/timingSafeEqual/), ["server/auth.ts"]);
  // Nobody else looks into the headers keys come in, but for what takes them out of requests and records.
  const compares = /headers\[?\.?"?(?:authorization|x-api-key|x-goog-api-key)"?\]?\s*[!=]==(?!\s*undefined)/;
  deepEqual(holding(compares), []);
});
