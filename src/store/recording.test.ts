import { deepEqual, equal, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Cleanup, type InProcessRouter, inProcess, scratch } from "../../test/support/in-process.ts";
import { exchangeQuerySchema } from "../api/exchanges.ts";

const SIMULATED = `[[providers]]\nname = "p"\nformat = "simulated"\n[[routers]]\ntype = "fallback"\n`;

async function recording(t: Cleanup, toml: string): Promise<InProcessRouter> {
  const router = await inProcess(t, `${SIMULATED}\n${toml}`, { recording: true });
  for (const word of ["apples", "pears"]) {
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: `Tell me of ${word}` }] });
    const answer = await fetch(`${router.url}/v1/chat/completions`, { method: "POST", body });
    equal(answer.status, 200, await answer.text());
  }
  await router.completed(2);
  return router;
}

async function previews(router: InProcessRouter, q?: string): Promise<(string | null)[]> {
  await router.store?.caughtUp();
  const page = await router.store?.exchanges(exchangeQuerySchema.parse(q === undefined ? {} : { q }));
  return (page?.exchanges ?? []).map(({ preview }) => preview);
}

test("what a router logs is in its store, with its record", async (t) => {
  const folder = await scratch(t);
  const router = await recording(t, `[logging]\nenabled = true\npath = ${JSON.stringify(join(folder, "log.jsonl"))}`);
  deepEqual(await previews(router), ["Tell me of pears", "Tell me of apples"]);
  deepEqual(await previews(router, "appl"), ["Tell me of apples"]);
  ok(existsSync(join(folder, "log.index.sqlite")));
  const [complete] = router.completes();
  const found = await router.store?.exchange(complete?.id ?? "");
  deepEqual(JSON.parse(found?.record ?? ""), JSON.parse(JSON.stringify(complete)));
});

test("with the dashboard and no log the store is in memory, and nothing is written", async (t) => {
  const router = await recording(t, "[server]\ndashboard = true");
  deepEqual(await previews(router), ["Tell me of pears", "Tell me of apples"]);
  deepEqual(router.store?.state, { state: "memory", exchanges: 2, problem: null });
  const [complete] = router.completes();
  const found = await router.store?.exchange(complete?.id ?? "");
  deepEqual(JSON.parse(found?.record ?? ""), JSON.parse(JSON.stringify(complete)));
  const stats = await router.store?.stats({});
  deepEqual([stats?.total.requests, stats?.flows[0]?.provider], [2, "p"]);
});

test("with neither there is none", async (t) => {
  const router = await recording(t, "");
  equal(router.store, undefined);
});
