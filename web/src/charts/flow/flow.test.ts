import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { type Flow, graphOf } from "./graph.ts";
import { fitted, layout } from "./layout.ts";

const flow = (way: Partial<Flow>, requests: number, errors = 0): Flow => ({
  client: "codex",
  tags: [],
  rule: "fallback → all",
  provider: "cloud",
  cost_usd: 0,
  ...way,
  requests,
  errors,
});
const SPACE = { width: 800, labels: 120, bar: 8, gap: 16, height: 200 };

const FLOWS = [
  flow({ tags: ["code", "long"] }, 6),
  flow({ client: "curl", tags: ["long", "code"], provider: "local" }, 3, 3),
  flow({ client: "curl", rule: null, provider: null }, 1, 1),
];

test("every request goes through one node of each column, and through the links between them", () => {
  const { columns, links, requests, errors } = graphOf(FLOWS, 8);
  deepEqual([requests, errors], [10, 4]);
  for (const { nodes } of columns)
    deepEqual([sum(nodes.map((node) => node.requests)), sum(nodes.map((node) => node.errors))], [10, 4]);
  const [clients, tags, rules, providers] = columns.map(({ nodes }) =>
    nodes.map(({ name, requests }) => [name, requests]),
  );
  deepEqual(clients, [
    ["codex", 6],
    ["curl", 4],
  ]);
  deepEqual(tags, [
    ["code + long", 9],
    ["(none)", 1],
  ]);
  deepEqual(rules, [
    ["fallback → all", 9],
    ["(none)", 1],
  ]);
  deepEqual(providers, [
    ["cloud", 6],
    ["local", 3],
    ["(none)", 1],
  ]);
  const into = links.filter(({ to }) => to === "tags:code + long");
  deepEqual(
    into.map(({ from, requests, errors }) => [from, requests, errors]),
    [
      ["client:codex", 6, 0],
      ["client:curl", 3, 3],
    ],
  );
});

test("what is rare goes together, with what the server put together already", () => {
  const flows = [
    flow({ client: "a" }, 5),
    flow({ client: "b" }, 4),
    flow({ client: "c" }, 2, 1),
    flow({ client: "(other)" }, 9),
  ];
  const [clients] = graphOf(flows, 2).columns;
  equal(graphOf(flows.slice(0, 3), 2).columns[0]?.nodes.length, 3);
  const rare = flow({ client: "(other)", rule: "(other)", provider: "(other)" }, 3);
  for (const { nodes } of graphOf([rare], 2).columns)
    deepEqual(
      nodes.map(({ name, keys }) => [name, keys.length]),
      [["(other)", 0]],
    );
  deepEqual(
    clients?.nodes.map(({ name, keys, requests, errors }) => ({ name, keys, requests, errors })),
    [
      { name: "a", keys: ["a"], requests: 5, errors: 0 },
      { name: "b", keys: ["b"], requests: 4, errors: 0 },
      { name: "(other)", keys: [], requests: 11, errors: 1 },
    ],
  );
});

test("widths are by requests, nothing overlaps, all is inside", () => {
  const picture = layout(graphOf(FLOWS, 8), SPACE);
  const node = (id: string) => picture.nodes.find((one) => one.id === id);
  equal(node("client:codex")?.height, 120);
  equal(node("client:curl")?.height, 80);
  equal(node("client:curl")?.errorHeight, 80);
  equal(node("client:codex")?.errorHeight, 0);
  for (const { column } of picture.columns) {
    const nodes = picture.nodes.filter((one) => one.column === column).sort((a, b) => a.y - b.y);
    for (const [at, { y, height, x, width }] of nodes.entries()) {
      ok(y >= 0 && y + height <= picture.height + 0.001 && x >= 0 && x + width <= SPACE.width - SPACE.labels);
      const next = nodes[at + 1];
      if (next) ok(y + height + SPACE.gap <= next.y + 0.001, `${column} ${at}`);
    }
  }
});

test("links keep to the order of what they are tied to, so that straight ways do not cross", () => {
  const flows = ["a", "b", "c"].map((name, at) =>
    flow({ client: name, tags: [name], rule: name, provider: name }, at + 1),
  );
  const picture = layout(graphOf(flows, 8), SPACE);
  const orders = picture.columns.map(({ column }) =>
    picture.nodes
      .filter((node) => node.column === column)
      .sort((a, b) => a.y - b.y)
      .map(({ name }) => name)
      .join(""),
  );
  equal(new Set(orders).size, 1, orders.join());
});

test("what went wrong is a part of the link's own shape", () => {
  const { links } = layout(graphOf(FLOWS, 8), SPACE);
  const failed = links.filter(({ errorPath }) => errorPath !== "");
  deepEqual(failed.map(({ from }) => from).sort(), [
    "client:curl",
    "client:curl",
    "rule:(none)",
    "rule:fallback → all",
    "tags:(none)",
    "tags:code + long",
  ]);
  for (const { path } of links) ok(!path.includes("NaN"), path);
});

test("no request at all is an empty picture", () => {
  deepEqual(layout(graphOf([], 8), SPACE), {
    width: 800,
    height: 0,
    columns: [
      { column: "client", x: 0 },
      { column: "tags", x: 224 },
      { column: "rule", x: 448 },
      { column: "provider", x: 672 },
    ],
    nodes: [],
    links: [],
  });
});

test("labels fit", () => {
  equal(fitted("short", 100), "short");
  equal(fitted("a-very-long-provider-name", 66), "a-very-lo…");
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
