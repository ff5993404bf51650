import { equal, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type RunningRouter, startRouter } from "../support/router.ts";
import type { Answer } from "../support/upstream/answer.ts";
import { startUpstream, type Upstream } from "../support/upstream/upstream.ts";
import { AGENTS, type Agent } from "./agents.ts";
import { makePlace, runAgent } from "./launch.ts";
import { FINAL, SCENARIOS } from "./scenarios.ts";

/** What the first provider does, in turn: never an answer. */
const FAULTS: Answer[] = [
  { error: { status: 529, message: "overloaded" } },
  { stream: { empty: true } },
  { stream: { cut: "reset" } },
  { stream: { error: "the machine went away" } },
  { raw: { chunks: ["<html>maintenance</html>"] } },
  { error: { status: 401, message: "no such key" } },
];

/** Every fault is met, since nothing is remembered of those before. */
function configOf(main: Upstream, spare: Upstream): string {
  return [
    "[server]\nport = 0\n[breaker]\nenabled = false\n[failover]\nretry_share = 1",
    ...[main, spare].map(
      ({ format, url }, index) =>
        `[[providers]]\nname = "${index === 0 ? "main" : "spare"}"\nformat = "${format}"\nbase_url = "${url}"\napi_key_env = "UPSTREAM_KEY"`,
    ),
    '[[routers]]\ntype = "prefix"\nmodel_prefix = ""\nprovider = "main"\nfallbacks = [{ provider = "spare" }]',
  ].join("\n\n");
}

describe("coding agents, when the first provider fails every time", {
  skip: process.env["E2E"] !== "1" && "set E2E=1",
}, () => {
  let main: Upstream;
  let spare: Upstream;
  let router: RunningRouter;
  before(async () => {
    main = await startUpstream("openai");
    spare = await startUpstream("anthropic");
    router = await startRouter(configOf(main, spare), { UPSTREAM_KEY: "upstream-key" });
  });
  after(async () => {
    await router.close();
    await main.close();
    await spare.close();
  });

  async function play(agent: Agent): Promise<void> {
    const scenario = SCENARIOS.find(({ name }) => name === "two calls");
    ok(scenario);
    const { home, work, remove } = await makePlace();
    try {
      main.answer((_, serial) => FAULTS[serial % FAULTS.length] ?? {});
      spare.answer(scenario.script(agent, spare.format, work));
      const run = await runAgent(agent, { url: router.url, home, work, model: "some-model", picture: undefined });
      const said = `${run.stdout}\n--- stderr\n${run.stderr.slice(-2000)}\n--- router\n${router.logs().slice(-2000)}`;
      ok(
        run.stdout.includes(FINAL),
        `no final word after ${spare.requests.length} requests (exit ${run.code}):\n${said}`,
      );
      equal(main.requests.length, spare.requests.length, "each request met the fault once, and the spare once");
    } finally {
      await remove();
    }
  }

  for (const agent of AGENTS) test(`${agent.name} notices nothing`, () => play(agent));
});
