import { equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type RunningRouter, startRouter } from "../support/router.ts";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "../support/upstream/answer.ts";
import { startUpstream, type Upstream } from "../support/upstream/upstream.ts";
import { AGENTS, type Agent } from "./agents.ts";
import { makePlace, runAgent, runByEnv } from "./launch.ts";
import { Results } from "./results.ts";
import { FINAL, PICTURE, SCENARIOS, type Scenario } from "./scenarios.ts";

/** More requests than any scenario needs: a client that asks on and on did not get what it waits for. */
const RUNAWAY = 8;

const results = new Results();

/** Everything goes to the one provider, under the name the agent uses. */
function configOf(upstream: Upstream): string {
  return [
    "[server]\nport = 0",
    `[[providers]]\nname = "scripted"\nformat = "${upstream.format}"\nbase_url = "${upstream.url}"\napi_key_env = "UPSTREAM_KEY"`,
    '[[routers]]\ntype = "fallback"',
  ].join("\n\n");
}

async function play(agent: Agent, scenario: Scenario, upstream: Upstream, router: RunningRouter): Promise<void> {
  const { home, work, remove } = await makePlace();
  try {
    upstream.answer(scenario.script(agent, upstream.format, work));
    const picture = scenario.picture ? join(work, PICTURE) : undefined;
    const run = await runAgent(agent, { url: router.url, home, work, model: "some-model", picture });
    const said = `${run.stdout}\n--- stderr\n${run.stderr.slice(-2000)}\n--- router\n${router.logs().slice(-2000)}`;
    const requests = upstream.requests.length;
    ok(run.stdout.includes(FINAL), `no final word after ${requests} requests (exit ${run.code}):\n${said}`);
    ok(requests <= RUNAWAY, `${requests} requests: a runaway client\n${said}`);
    results.passed(agent, upstream.format, scenario.name);
  } finally {
    await remove();
  }
}

function describePair(agent: Agent, format: UpstreamFormat): void {
  describe(`${agent.name} over ${format}`, { concurrency: 1 }, () => {
    let upstream: Upstream;
    let router: RunningRouter;
    before(async () => {
      upstream = await startUpstream(format);
      router = await startRouter(configOf(upstream), { UPSTREAM_KEY: "upstream-key" });
    });
    after(async () => {
      await router.close();
      await upstream.close();
    });
    for (const scenario of SCENARIOS) {
      test(scenario.name, () => play(agent, scenario, upstream, router));
    }
  });
}

// Two at a time: each agent is a process of some hundred megabytes.
describe("coding agents", { concurrency: 2, skip: process.env["E2E"] !== "1" && "set E2E=1" }, () => {
  for (const agent of AGENTS) for (const format of UPSTREAM_FORMATS) describePair(agent, format);
});

describe("agents in a shell that has read what env prints", {
  concurrency: 2,
  skip: process.env["E2E"] !== "1" && "set E2E=1",
}, () => {
  for (const name of ["Claude Code", "Codex CLI", "Copilot CLI", "OpenCode", "Gemini CLI"]) {
    test(name, async (t) => {
      const agent = AGENTS.find((one) => one.name === name);
      ok(agent);
      const upstream = await startUpstream("openai");
      t.after(() => upstream.close());
      const router = await startRouter(configOf(upstream), { UPSTREAM_KEY: "upstream-key" });
      t.after(() => router.close());
      const { home, work, remove } = await makePlace();
      t.after(remove);
      upstream.answer(() => ({ text: FINAL }));
      const run = await runByEnv(agent, { url: router.url, home, work, model: "some-model" });
      ok(run.stdout.includes(FINAL), `${run.stdout}\n${run.stderr.slice(-2000)}`);
    });
  }
});

/** `E2E_WRITE=1` has the run write the page; else the page must say what the run found. */
test("docs/clients.md shows these results", { skip: process.env["E2E"] !== "1" && "set E2E=1" }, () => {
  if (process.env["E2E_WRITE"] === "1") results.write();
  const { found, made } = results.page();
  equal(found, made);
});
