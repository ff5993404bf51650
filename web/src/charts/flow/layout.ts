import type { Column, Graph, Link, Node } from "./graph.ts";

export interface PlacedNode extends Node {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Of the height, from the bottom up. */
  errorHeight: number;
}

export interface PlacedLink extends Link {
  /** Closed shape of the whole link, as an SVG path. */
  path: string;
  /** The part of it that are errors; empty: none. */
  errorPath: string;
}

export interface Picture {
  width: number;
  height: number;
  columns: { column: Column; x: number }[];
  nodes: PlacedNode[];
  links: PlacedLink[];
}

export interface Space {
  width: number;
  /** Of the room right of the last column, for its labels. */
  labels: number;
  /** Of each node. */
  bar: number;
  /** Between two nodes of a column: at least a line of text. */
  gap: number;
  /** Of the highest column, without the gaps. */
  height: number;
}

/** Nothing is thinner, so that what is rare can still be seen. */
const THINNEST = 1.5;
const ROUNDS = 6;

/** Where everything stands, in px. Widths are by requests; nodes are ordered so that few links cross. */
export function layout(graph: Graph, space: Space): Picture {
  const order = untangle(graph);
  const scale = graph.requests === 0 ? 0 : space.height / graph.requests;
  const step = (space.width - space.labels - space.bar) / Math.max(1, graph.columns.length - 1);
  const tallest = Math.max(0, ...order.map((nodes) => columnHeight(nodes, scale, space.gap)));
  const placed = new Map<string, PlacedNode>();
  for (const [at, nodes] of order.entries()) {
    let y = (tallest - columnHeight(nodes, scale, space.gap)) / 2;
    for (const node of nodes) {
      const height = thickness(node.requests, scale);
      const errorHeight = errorPart(node, height);
      placed.set(node.id, { ...node, x: at * step, y, width: space.bar, height, errorHeight });
      y += Math.max(height, space.gap * 0.6) + space.gap;
    }
  }
  return {
    width: space.width,
    height: tallest,
    columns: graph.columns.map(({ column }, at) => ({ column, x: at * step })),
    nodes: [...placed.values()],
    links: placeLinks(graph.links, placed, scale),
  };
}

function columnHeight(nodes: readonly Node[], scale: number, gap: number): number {
  const heights = nodes.map(({ requests }) => Math.max(thickness(requests, scale), gap * 0.6));
  return heights.reduce((sum, height) => sum + height, 0) + gap * Math.max(0, nodes.length - 1);
}

function thickness(requests: number, scale: number): number {
  return Math.max(THINNEST, requests * scale);
}

function errorPart({ requests, errors }: { requests: number; errors: number }, height: number): number {
  return errors === 0 || requests === 0 ? 0 : Math.min(height, Math.max(1, (errors / requests) * height));
}

/** The nodes of each column, moved towards the middle of what they are tied to, there and back some times. */
function untangle({ columns, links }: Graph): Node[][] {
  const order = columns.map(({ nodes }) => [...nodes].sort(byRank));
  for (let round = 0; round < ROUNDS; round++) {
    const isForth = round % 2 === 0;
    const indices = order.map((_, at) => at).slice(1);
    for (const at of isForth ? indices : indices.map((index) => index - 1).reverse()) {
      const neighbours = order[isForth ? at - 1 : at + 1] ?? [];
      order[at] = towards(order[at] ?? [], neighbours, links, isForth);
    }
  }
  return order;
}

/** `(other)` and `(none)` stand last to begin with. */
function byRank(a: Node, b: Node): number {
  return Number(a.keys.length === 0) - Number(b.keys.length === 0) || b.requests - a.requests;
}

function towards(
  nodes: readonly Node[],
  neighbours: readonly Node[],
  links: readonly Link[],
  isForth: boolean,
): Node[] {
  const middles = middlesOf(neighbours);
  const wanted = nodes.map((node, at) => {
    let weight = 0;
    let sum = 0;
    for (const { from, to, requests } of links) {
      const [own, other] = isForth ? [to, from] : [from, to];
      if (own !== node.id) continue;
      weight += requests;
      sum += requests * (middles.get(other) ?? 0);
    }
    return { node, at, middle: weight === 0 ? at : sum / weight };
  });
  return wanted.sort((a, b) => a.middle - b.middle || a.at - b.at).map(({ node }) => node);
}

function middlesOf(nodes: readonly Node[]): Map<string, number> {
  const middles = new Map<string, number>();
  let below = 0;
  for (const { id, requests } of nodes) {
    middles.set(id, below + requests / 2);
    below += requests;
  }
  return middles;
}

function placeLinks(links: readonly Link[], nodes: ReadonlyMap<string, PlacedNode>, scale: number): PlacedLink[] {
  const ends = links.flatMap((link) => {
    const from = nodes.get(link.from);
    const to = nodes.get(link.to);
    return from && to ? [{ link, from, to, fromY: 0, toY: 0 }] : [];
  });
  const leaving = new Map<string, number>();
  const arriving = new Map<string, number>();
  for (const end of [...ends].sort((a, b) => a.to.y - b.to.y)) end.fromY = take(leaving, end.from, end.link, scale);
  for (const end of [...ends].sort((a, b) => a.from.y - b.from.y)) end.toY = take(arriving, end.to, end.link, scale);
  return ends.map(({ link, from, to, fromY, toY }) => {
    const high = thickness(link.requests, scale);
    const bad = errorPart(link, high);
    const [left, right] = [from.x + from.width, to.x];
    return {
      ...link,
      path: ribbon(left, fromY, right, toY, high),
      errorPath: bad === 0 ? "" : ribbon(left, fromY + high - bad, right, toY + high - bad, bad),
    };
  });
}

/** The place of a link at one of its nodes: below those before it. */
function take(used: Map<string, number>, node: PlacedNode, link: Link, scale: number): number {
  const at = used.get(node.id) ?? 0;
  used.set(node.id, at + link.requests * scale);
  return node.y + Math.min(at, Math.max(0, node.height - THINNEST));
}

function ribbon(x1: number, y1: number, x2: number, y2: number, high: number): string {
  const middle = round((x1 + x2) / 2);
  const [left, right, fromTop, toTop, fromEnd, toEnd] = [x1, x2, y1, y2, y1 + high, y2 + high].map(round);
  return `M${left} ${fromTop}C${middle} ${fromTop} ${middle} ${toTop} ${right} ${toTop}V${toEnd}C${middle} ${toEnd} ${middle} ${fromEnd} ${left} ${fromEnd}Z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A label that fits in so many px of a font whose characters are about `em` px wide; its end is left out. */
export function fitted(text: string, room: number, em = 6.6): string {
  const most = Math.max(3, Math.floor(room / em));
  return text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
}
