import { deepEqual, equal } from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { dispatch } from "../src/cli/dispatch.ts";
import { scratch } from "./support/in-process.ts";
import { exampleLog } from "./support/replay-log.ts";

const PAGE = readFileSync(join(import.meta.dirname, "..", "docs", "replay.md"), "utf8");

/** Commands of the page with what they are said to print. */
const EXAMPLES = [...PAGE.matchAll(/```sh\nopensourcellmrouter (replay .*)\n```\n\n```text\n([\s\S]*?)\n```/g)].map(
  ([, call = "", output = ""]) => ({ call, output }),
);

async function printed(call: string): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const words = [...call.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? "");
  const io = { env: {}, out: (line: string) => void out.push(line), err: (line: string) => void err.push(line) };
  return { code: await dispatch(words, io), out: out.join("\n"), err: err.join("\n") };
}

const folder = await scratch({ after });
mkdirSync(join(folder, "logs"));
writeFileSync(join(folder, "logs", "requests.jsonl"), exampleLog());
writeFileSync(join(folder, "new.toml"), /```toml\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? "");
process.chdir(folder);

equal(EXAMPLES.length, 3);
for (const { call, output } of EXAMPLES)
  test(`docs/replay.md: ${call}`, async () => {
    const { code, out, err } = await printed(call);
    equal(err, "");
    equal(code, output.includes("✗") ? 1 : 0);
    // Of the later ones the page has only what is new.
    equal(out.slice(-output.length), output);
  });

test("docs/replay.md: its table has the keys of --json, and no others", async () => {
  const { out } = await printed("replay --config new.toml --json");
  const table = /## The JSON[\s\S]*?(?=\n## |$)/.exec(PAGE)?.[0] ?? "";
  const rows = [...table.matchAll(/^\| (`.*?) \|/gm)].map(([, keys = ""]) => keys);
  const documented = rows.flatMap((keys) => [...keys.matchAll(/`(\w+)`/g)].map(([, key]) => key));
  deepEqual(documented.toSorted(), Object.keys(JSON.parse(out)).toSorted());
});
