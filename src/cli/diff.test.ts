import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { dispatch } from "./dispatch.ts";

const folder = mkdtempSync(join(tmpdir(), "router-diff-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, toml: string): string {
  const path = join(folder, name);
  writeFileSync(path, toml);
  return path;
}

async function diff(words: readonly string[], env = {}) {
  const [out, err]: string[][] = [[], []];
  const code = await dispatch(["diff", ...words], {
    env,
    out: (line) => out?.push(line),
    err: (line) => err?.push(line),
  });
  return { code, out: out?.join("\n") ?? "", err: err?.join("\n") ?? "" };
}

const toml = (more = "") =>
  `[[providers]]\nname = "sim"\nformat = "simulated"\n${more}\n[[routers]]\ntype = "fallback"\nproviders = ["sim"]\n`;
const old = file("old.toml", toml());

test("what changes is printed in groups of at most 80 columns, with the exit code of diff(1)", async () => {
  const long = `model_prefix = "${"m".repeat(40)}"\nrewrite_model = "${"n".repeat(40)}"`;
  const rule = `\n[[routers]]\ntype = "prefix"\nprovider = "sim"\n${long}`;
  const now = file("now.toml", `${toml("quality = 3")}${rule}\n[metrics]\nenabled = true`);
  const { code, out } = await diff([old, now]);
  equal(code, 1);
  equal(
    out,
    [
      "providers",
      "  ~ provider sim: quality 0 → 3",
      "",
      "rules",
      `  + rule 2 (prefix "${"m".repeat(40)}" → sim as`,
      `    ${"n".repeat(40)}) is new`,
      "",
      "metrics",
      "  ~ [metrics] enabled false → true",
    ].join("\n"),
  );
  ok((await diff([old, now], { FORCE_COLOR: "1" })).out.includes("\u001b[32m+\u001b[0m rule 2"));
  const json: unknown = JSON.parse((await diff([now, old, "--json"])).out);
  deepEqual(json, {
    old: now,
    new: old,
    changes: [
      { group: "providers", kind: "changed", text: "provider sim: quality 3 → 0" },
      {
        group: "rules",
        kind: "removed",
        text: `rule 2 (prefix "${"m".repeat(40)}" → sim as ${"n".repeat(40)}) is gone: no rule comes after it, so what no rule before it takes is refused`,
      },
      { group: "metrics", kind: "changed", text: "[metrics] enabled true → false" },
    ],
  });
});

test("nothing for the same config otherwise written; 2 for what is no config, or not there", async () => {
  const same = file("same.toml", `# the same\n${toml("quality = 0.0")}\n[metrics]\n`);
  deepEqual(await diff([old, same]), { code: 0, out: "", err: "" });
  const wrong = file("wrong.toml", toml("qualty = 1"));
  const { code, out, err } = await diff([old, wrong]);
  deepEqual([code, out], [2, ""]);
  match(err, /wrong\.toml:4:1 {2}providers\[0\]\.qualty: unknown key/);
  match((await diff([old])).err, /compares two files/);
  equal((await diff([old, join(folder, "nowhere.toml")])).code, 2);
});
