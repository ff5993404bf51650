import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { dispatch } from "../src/cli/dispatch.ts";
import { asObject, type JsonObject, tryParseJson } from "../src/core/json.ts";
import { exampleLog } from "../test/support/replay-log.ts";

// What it takes to replay a log under another config. `node bench/replay.ts [EXCHANGES] [CHARACTERS]`: 10,000 of them, unless said,
// with prompts of 20,000 characters.

const exchanges = Number(process.argv[2] ?? 10_000);
const chars = Number(process.argv[3] ?? 20_000);

const CONFIG = `
[[providers]]
name = "laptop"
preset = "ollama"
cost_per_1m_tokens = 0

[[providers]]
name = "cloud"
preset = "anthropic"
prices = { input = 3, output = 15, cached_read = 0.3, cache_write = 3.75 }

[[providers]]
name = "other"
preset = "openai"
prices = { input = 2, output = 8, cached_read = 0.5 }

[[routers]]
type = "tag"
tag = "private"
provider = "laptop"

[[routers]]
type = "price"
providers = ["cloud", "other"]
`;

async function writeLog(path: string): Promise<void> {
  const lines = exampleLog().trimEnd().split("\n").map(parsed);
  const file = createWriteStream(path);
  for (let at = 0; at < exchanges; at++) {
    const line = lines[at % lines.length];
    const messages = [{ role: "user", content: [{ type: "text", text: "word ".repeat(chars / 5) }] }];
    const round = Math.floor(at / lines.length);
    const text = JSON.stringify({ ...line, ts_ms: Number(line?.["ts_ms"]) + round * 3_600_000, messages });
    if (!file.write(`${text}\n`)) await new Promise((resolve) => file.once("drain", resolve));
  }
  file.end();
  await finished(file);
}

function parsed(line: string): JsonObject {
  return asObject(tryParseJson(line)) ?? {};
}

const folder = await mkdtemp(join(tmpdir(), "router-bench-"));
try {
  const [log, config] = [join(folder, "requests.jsonl"), join(folder, "config.toml")];
  await writeLog(log);
  await writeFile(config, CONFIG);
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  let out = "";
  await dispatch(["replay", "--log", log, "--config", config, "--json"], {
    env: {},
    out: (line) => {
      out = line;
    },
    err: console.error,
  });
  const { user, system } = process.cpuUsage(cpu);
  const { moved, log: read } = JSON.parse(out);
  const seconds = (performance.now() - began) / 1_000;
  console.log(
    `${read.exchanges} exchanges, ${(read.bytes / 1e6).toFixed(0)} MB, ${moved.exchanges} decided otherwise: ${seconds.toFixed(1)} s, ` +
      `${((user + system) / 1e6).toFixed(1)} s of CPU, ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB at most (load ${loadavg()[0]?.toFixed(1)})`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
