import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse, stringify } from "smol-toml";
import { isObject } from "../core/json.ts";
import { locate, type Path, type Position } from "./positions.ts";

/** `line:column` of each path in the text. */
function places(toml: string, paths: Path[]): string[] {
  const positions = locate(toml);
  return paths.map((path) => {
    const { line, column } = positions.of(path);
    return `${line}:${column}`;
  });
}

test("keys, tables and arrays of tables", () => {
  const toml = [
    "top = 1",
    "[server]",
    "  port = 8090",
    "[[routers]]",
    'type = "a"',
    "[[routers]]",
    "  type = 'b'",
  ].join("\n");
  const paths: Path[] = [
    ["top"],
    ["server"],
    ["server", "port"],
    ["routers", 0],
    ["routers", 0, "type"],
    ["routers", 1],
    ["routers", 1, "type"],
  ];
  assert.deepEqual(places(toml, paths), ["1:1", "2:1", "3:3", "4:1", "5:1", "6:1", "7:3"]);
});

test("tables inside arrays of tables belong to the last element", () => {
  const toml = "[[a]]\n[a.b]\nx = 1\n[[a.c]]\n[[a.c]]\ny = 1\n[[a]]\n[a.b]\nx = 2\n[[a.c]]\ny = 2\n";
  const paths: Path[] = [
    ["a", 0, "b", "x"],
    ["a", 0, "c", 1, "y"],
    ["a", 1, "b", "x"],
    ["a", 1, "c", 0, "y"],
  ];
  assert.deepEqual(places(toml, paths), ["3:1", "6:1", "9:1", "11:1"]);
});

test("dotted and quoted keys, inline tables, elements of arrays", () => {
  const toml = [
    `a . "b.c" . 'd' = 1`,
    `"\\u0065" = { f = [1, { g = 2, h.i = 3 }], "j" = "x" }`,
    "[k.'l m']",
    "n = [",
    "  # not = here",
    "  'one', \"two\",",
    "  [3],",
    "]",
  ].join("\n");
  const paths: Path[] = [
    ["a", "b.c", "d"],
    ["e", "f", 0],
    ["e", "f", 1, "g"],
    ["e", "f", 1, "h", "i"],
    ["e", "j"],
    ["k", "l m", "n", 1],
    ["k", "l m", "n", 2, 0],
  ];
  assert.deepEqual(places(toml, paths), ["1:13", "2:19", "2:24", "2:33", "2:43", "6:10", "7:4"]);
});

test("nothing inside strings and comments is a key", () => {
  const toml = [
    'a = """',
    "[x]",
    'b = 1 \\""" still"""""',
    "c = '''",
    "[[y]] # '",
    "'''",
    'd = "# [z] \\" e = 1" # f = 2',
    "g = 1",
  ].join("\r\n");
  assert.deepEqual(Object.keys(parse(toml)), ["a", "c", "d", "g"]);
  assert.deepEqual(places(toml, [["g"], ["d"], ["x"], ["b"]]), ["8:1", "7:1", "1:1", "1:1"]);
});

test("what is not in the text is where its nearest parent is", () => {
  const toml = "\n[server]\nport = 1\n";
  assert.deepEqual(places(toml, [["server", "host"], ["server", "port", "x"], ["nowhere"], []]), [
    "2:1",
    "3:1",
    "1:1",
    "1:1",
  ]);
});

test("broken text never makes it throw or hang", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."[]{}=\"'.#,ab1 \n\r\\"), maxLength: 60 }), (toml) => {
      const place = locate(toml).of(["a"]);
      assert.ok(place.line >= 1 && place.column >= 1);
    }),
    { numRuns: 2_000 },
  );
});

// Every key of what smol-toml reads has a place, and at that place stands that key.
const key = fc
  .oneof(fc.stringMatching(/^[A-Za-z0-9_-]{1,5}$/), fc.string({ maxLength: 4 }))
  .filter((name) => name !== "__proto__");
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.array(fc.string(), { maxLength: 3 }),
    fc.array(tie("table"), { maxLength: 3 }),
    tie("table"),
  ),
  table: fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
}));
const document = fc.dictionary(key, value, { maxKeys: 5, noNullPrototype: true });

test("agrees with the parser on which keys there are, for tables and for inline values", () => {
  fc.assert(
    fc.property(document, fc.boolean(), (tree, isInline) => {
      const toml = isInline ? inlineDocument(tree) : stringify(tree);
      const lines = toml.split("\n");
      const positions = locate(toml);
      for (const path of keyPaths(parse(toml))) {
        const shown = textAt(lines, positions.of(path));
        const name = path.at(-1);
        assert.ok(
          typeof name === "string" && startsWithKey(shown, name),
          `${JSON.stringify(path)} at: ${shown}\n${toml}`,
        );
      }
    }),
    { numRuns: 1_000 },
  );
});

function inlineDocument(tree: { [key: string]: unknown }): string {
  return Object.entries(tree)
    .map(([name, item]) => `${JSON.stringify(name)} = ${inline(item)} # note\n`)
    .join("");
}

function inline(item: unknown): string {
  if (Array.isArray(item)) return `[\n ${item.map(inline).join(" , # ]\n")} ]`;
  if (!isObject(item)) return JSON.stringify(item);
  return `{ ${Object.entries(item)
    .map(([name, inner]) => `${JSON.stringify(name)} = ${inline(inner)}`)
    .join(", ")} }`;
}

function* keyPaths(node: unknown, path: Path = []): Generator<Path> {
  if (Array.isArray(node)) {
    for (const [index, item] of node.entries()) yield* keyPaths(item, [...path, index]);
  } else if (isObject(node)) {
    for (const [name, item] of Object.entries(node)) {
      yield [...path, name];
      yield* keyPaths(item, [...path, name]);
    }
  }
}

function textAt(lines: readonly string[], { line, column }: Position): string {
  return (lines[line - 1] ?? "").slice(column - 1);
}

/** A key alone, or the header of a table whose last or a middle name it is. */
function startsWithKey(text: string, name: string): boolean {
  const quoted =
    Object.keys(parse(stringify({ [name]: 1 })))[0] === name ? (stringify({ [name]: 1 }).split(" = ")[0] ?? "") : "";
  const forms = [name, JSON.stringify(name), quoted].filter((form) => form !== "");
  return forms.some((form) => text.startsWith(form) || (text.startsWith("[") && text.includes(form)));
}
