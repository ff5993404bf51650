import type { Stats } from "../../../../src/api/stats.ts";

export const COLUMNS = ["client", "tags", "rule", "provider"] as const;
export type Column = (typeof COLUMNS)[number];
export type Flow = Stats["flows"][number];

/** A client, a set of tags, a rule or a provider, with what went through it. */
export interface Node {
  /** Unique among all nodes. */
  id: string;
  column: Column;
  /** What the API calls it; for tags all of them; `(none)`, `(other)`. */
  name: string;
  /** The tags, the one name, or nothing when it stands for many or none. */
  keys: readonly string[];
  requests: number;
  errors: number;
}

/** What went from one node to one of the next column. */
export interface Link {
  from: string;
  to: string;
  requests: number;
  errors: number;
}

export interface Graph {
  columns: { column: Column; nodes: Node[] }[];
  links: Link[];
  requests: number;
  errors: number;
}

/** Joins flows to nodes and links; of each column the `most` with most requests, the rest is `(other)`. */
export function graphOf(flows: readonly Flow[], most: number): Graph {
  const nodes = COLUMNS.map((column) => nodesOf(column, flows, most));
  const links = new Map<string, Link>();
  for (const flow of flows) {
    const way = COLUMNS.map((column, at) => idOf(column, keptName(column, flow, nodes[at])));
    for (let at = 1; at < way.length; at++) addLink(links, way[at - 1] ?? "", way[at] ?? "", flow);
  }
  return {
    columns: COLUMNS.map((column, at) => ({ column, nodes: [...(nodes[at]?.values() ?? [])] })),
    links: [...links.values()],
    requests: flows.reduce((sum, { requests }) => sum + requests, 0),
    errors: flows.reduce((sum, { errors }) => sum + errors, 0),
  };
}

function nodesOf(column: Column, flows: readonly Flow[], most: number): Map<string, Node> {
  const all = new Map<string, Node>();
  for (const flow of flows) addTo(all, nodeOf(column, flow));
  const ranked = [...all.values()].filter(({ name }) => name !== "(other)").sort((a, b) => b.requests - a.requests);
  // One alone needs no more room under its own name.
  const room = ranked.length === most + 1 && !all.has("(other)") ? most + 1 : most;
  const kept = new Map(ranked.slice(0, room).map((node) => [node.name, node]));
  const rest = [...ranked.slice(room), ...[all.get("(other)")].filter((node) => node !== undefined)];
  for (const node of rest) addTo(kept, { ...node, id: idOf(column, "(other)"), name: "(other)", keys: [] });
  return kept;
}

function addTo(nodes: Map<string, Node>, node: Node): void {
  const before = nodes.get(node.name);
  if (before === undefined) nodes.set(node.name, node);
  else {
    before.requests += node.requests;
    before.errors += node.errors;
  }
}

function nodeOf(column: Column, flow: Flow): Node {
  const keys = keysOf(column, flow).filter((key) => key !== "(other)" && key !== "(none)");
  const name = nameOf(column, flow);
  return { id: idOf(column, name), column, name, keys, requests: flow.requests, errors: flow.errors };
}

function keysOf(column: Column, flow: Flow): string[] {
  // What is too rare to be listed has no tags of its own.
  if (column === "tags")
    return flow.client === "(other)" && flow.rule === "(other)" ? ["(other)"] : [...flow.tags].sort();
  const key = flow[column];
  return key === null ? [] : [key];
}

function nameOf(column: Column, flow: Flow): string {
  return keysOf(column, flow).join(" + ") || "(none)";
}

function keptName(column: Column, flow: Flow, nodes: ReadonlyMap<string, Node> | undefined): string {
  const name = nameOf(column, flow);
  return nodes?.has(name) ? name : "(other)";
}

function addLink(links: Map<string, Link>, from: string, to: string, { requests, errors }: Flow): void {
  const key = `${from}\n${to}`;
  const link = links.get(key) ?? { from, to, requests: 0, errors: 0 };
  link.requests += requests;
  link.errors += errors;
  links.set(key, link);
}

function idOf(column: Column, name: string): string {
  return `${column}:${name}`;
}
