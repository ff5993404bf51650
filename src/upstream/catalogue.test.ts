import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FORMATS } from "../config/config.ts";
import { PRESETS } from "./catalogue.ts";

test("every preset is a name rules can use, a known format, and a clean URL", () => {
  for (const [name, preset] of PRESETS) {
    assert.match(name, /^[a-z][a-z0-9-]*$/);
    assert.ok(FORMATS.includes(preset.format), name);
    const url = new URL(preset.base_url);
    assert.ok(!preset.base_url.endsWith("/") && url.search === "" && url.hash === "" && url.username === "", name);
  }
});

test("hosted ones are reached over TLS with a key, local ones over loopback without", () => {
  for (const [name, { base_url, api_key_env, local }] of PRESETS) {
    const url = new URL(base_url);
    if (local === undefined) {
      assert.equal(url.protocol, "https:", name);
      assert.match(api_key_env ?? "", /^[A-Z][A-Z0-9_]*$/, name);
    } else {
      assert.equal(url.host, `127.0.0.1:${local}`, name);
      assert.equal(api_key_env, undefined, name);
    }
  }
});

test("no two are the same server", () => {
  const urls = [...PRESETS.values()].map((preset) => preset.base_url);
  assert.equal(new Set(urls).size, urls.length);
});

test("docs/providers.md lists every preset, as it is", () => {
  const page = readFileSync(new URL("../../docs/providers.md", import.meta.url), "utf8");
  const listed = page.split("\n").filter((line) => /^\| `[^`]+` \| `[^`]+` \| `https?:/.test(line));
  const expected = [...PRESETS].map(([name, { format, base_url, api_key_env, sharedKey }]) => {
    const key = api_key_env === undefined ? "none" : `\`${api_key_env}\`${sharedKey ? " *" : ""}`;
    return `| \`${name}\` | \`${format}\` | \`${base_url}\` | ${key} |`;
  });
  assert.deepEqual(listed, expected);
});
