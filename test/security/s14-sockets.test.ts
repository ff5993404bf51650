import { deepEqual, equal } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { otlpReceiver } from "../support/otlp-receiver.ts";
import { until } from "../support/until.ts";
import { startUpstream } from "../support/upstream/upstream.ts";
import { type Program, runProgram } from "./program.ts";

// A package that was tampered with calls home (LiteLLM 1.82.7, axios 1.14.1). What the router connects to is what its config names:
// no update check, no statistics, no list of prices or models from somewhere. What is bundled at all: test/supply-chain.test.ts.

const WATCH = new URL("./watch-sockets.ts", import.meta.url).href;

const connected = (program: Program) =>
  [...new Set([...program.said().matchAll(/^CONNECT (.*)$/gm)].map(([, to = ""]) => to))].sort();

async function inFolder(config: string | undefined, run: (program: Program) => Promise<void>): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "router-test-"));
  if (config !== undefined) writeFileSync(join(folder, "config.toml"), config);
  const program = runProgram(folder, config === undefined ? ["--port", "0"] : [], { preloads: [WATCH] });
  try {
    await run(program);
  } finally {
    await program.end();
    rmSync(folder, { recursive: true, force: true });
  }
  return connected(program);
}

test("with everything turned on it connects to what the config names, and to nothing else", async (t) => {
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  const otlp = await otlpReceiver(t);
  const config = `[server]
port = 0
dashboard = true
[logging]
enabled = true
[metrics]
enabled = true
[telemetry]
enabled = true
otlp_endpoint = "${otlp.url}"
[classifiers.keyword]
enabled = true
tags = { code = ["function"] }
[plugins.response-healing]
enabled = true
[plugins.pdf]
enabled = true
[plugins.redact]
enabled = true
[[providers]]
name = "up"
format = "openai"
base_url = "${upstream.url}"
[[routers]]
type = "fallback"`;
  const found = await inFolder(config, async (program) => {
    const url = await program.listening();
    upstream.answer({ text: "hello" });
    const messages = [{ role: "user", content: "hi, see https://stranger.invalid/a.png" }];
    const body = JSON.stringify({ model: "m", messages });
    equal((await fetch(`${url}/v1/chat/completions`, { method: "POST", body })).status, 200);
    for (const path of ["/dashboard", "/router/status", "/router/stats", "/metrics"])
      await (await fetch(url + path)).text();
    await until(() => otlp.requests.length > 0, "the export", 60_000);
  });
  deepEqual(found, [new URL(otlp.url).host, new URL(upstream.url).host].sort());
});

test("without a config it looks for model servers of this machine, and nothing else", async () => {
  const found = await inFolder(undefined, async (program) => void (await program.listening()));
  deepEqual(
    found.filter((to) => !/^(?:127\.0\.0\.1|localhost|::1):\d+$/.test(to)),
    [],
  );
});
