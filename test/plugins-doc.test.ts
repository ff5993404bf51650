import { deepEqual, equal, match } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PLUGIN_KINDS } from "../src/plugins/index.ts";
import { oneProvider } from "./support/in-process.ts";
import { routerWith, SIMULATED } from "./support/modules.ts";
import { startUpstream } from "./support/upstream/upstream.ts";

const page = readFileSync(join(import.meta.dirname, "../docs/plugins.md"), "utf8");

/** The page's file of this name, and the block of the config that names it. */
function exampleOf(name: string): { files: Record<string, string>; toml: string } {
  const file = `plugins/${name}.ts`;
  const code = page.split(`\`${file}\`:\n\n\`\`\`ts\n`)[1]?.split("```")[0] ?? "";
  const [toml = ""] = [...page.matchAll(/^```toml\n(.*?)^```/gms)].flatMap(([, block = ""]) =>
    block.includes(`"./${file}"`) ? [block] : [],
  );
  return { files: { [file]: code }, toml };
}

function body(text: string, stream: boolean): string {
  return JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: text }] });
}

test("plugins.md: the first example changes what the provider gets", async (t) => {
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  const { files, toml } = exampleOf("brief");
  const router = await routerWith(t, `${oneProvider("openai", upstream.url)}\n\n${toml}`, files);
  for (const stream of [false, true]) {
    await (await fetch(`${router.url}/v1/chat/completions`, { method: "POST", body: body("hi", stream) })).text();
    match(JSON.stringify(upstream.last().body), /"role":"system","content":"Answer in one sentence\."/);
  }
});

test("plugins.md: the second example changes answers, whole and while they come", async (t) => {
  const { files, toml } = exampleOf("dashes");
  const router = await routerWith(t, `${SIMULATED}\n${toml}`, files);
  const ask = async (stream: boolean) =>
    (await fetch(`${router.url}/v1/chat/completions`, { method: "POST", body: body("now—or never", stream) })).text();
  match(await ask(false), /You said: now,or never"/);
  const streamed = await ask(true);
  const pieces = [...streamed.matchAll(/"delta":\{"content":"([^"]*)"/g)].map(([, piece]) => piece);
  match(pieces.join(""), /now,or never$/);
  equal(pieces.length > 3, true, "it still comes in pieces");
  equal(streamed.includes("—"), false);
});

test("plugins.md lists every built-in plugin, in the order in which they run", () => {
  const rows = [...page.matchAll(/^\| \[([\w-]+)\]\(plugins\/\1\.md\)/gm)].map(([, name]) => name);
  deepEqual(
    rows,
    PLUGIN_KINDS.map(({ name }) => name),
  );
});
