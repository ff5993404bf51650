import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "..");
const PAGES = [...globSync("*.md", { cwd: ROOT }), ...globSync("docs/**/*.md", { cwd: ROOT })];

/** A heading's anchor, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

function anchorsOf(text: string): Set<string> {
  return new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading)));
}

for (const page of PAGES) {
  test(`${page}: links lead somewhere`, () => {
    const text = readFileSync(join(ROOT, page), "utf8");
    for (const [, link = ""] of text.replace(/```.*?```/gs, "").matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? join(ROOT, page) : join(ROOT, dirname(page), path);
      assert.ok(existsSync(target), `there is no ${link}`);
      if (anchor !== undefined)
        assert.ok(anchorsOf(readFileSync(target, "utf8")).has(anchor), `no heading for ${link}`);
    }
  });
}

test("the files that architecture.md names are there", () => {
  const text = readFileSync(join(ROOT, "docs", "architecture.md"), "utf8");
  const named = [...text.matchAll(/`([\w/*<>.-]+\.(?:ts|cjs))`/g)].map(([, path = ""]) =>
    path.replace("<format>", "*"),
  );
  assert.ok(named.length > 30);
  for (const path of named) {
    const found = ["", "src", "src/**"].some((folder) => globSync(join(folder, path), { cwd: ROOT }).length > 0);
    assert.ok(found, path);
  }
});
