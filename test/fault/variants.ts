import { CHAT_CLIENTS } from "../conformance/feature.ts";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "../support/upstream/answer.ts";

export type ChatClient = (typeof CHAT_CLIENTS)[number];

/** Who asks whom, how, and whether there is anybody else to ask. */
export interface Variant {
  client: ChatClient;
  provider: UpstreamFormat;
  stream: boolean;
  /** The rule has a second target; it speaks another API than the first. */
  second: boolean;
}

const KINDS = [
  { stream: false, second: false },
  { stream: true, second: true },
  { stream: false, second: true },
  { stream: true, second: false },
];

/** All 100. */
export const VARIANTS: readonly Variant[] = CHAT_CLIENTS.flatMap((client) =>
  UPSTREAM_FORMATS.flatMap((provider) => KINDS.map((kind) => ({ client, provider, ...kind }))),
);

/**
 * Four of the hundred for the row of this index: each kind once, each time another client and another provider. Over five
 * rows every client meets every provider.
 */
export function sampleFor(row: number): Variant[] {
  return KINDS.map((kind, at) => ({
    client: of(CHAT_CLIENTS, row + at),
    provider: of(UPSTREAM_FORMATS, row + 2 * at + Math.floor(row / 5)),
    ...kind,
  }));
}

/** The API of the second target. */
export function secondFormat(provider: UpstreamFormat): UpstreamFormat {
  return of(UPSTREAM_FORMATS, UPSTREAM_FORMATS.indexOf(provider) + 1);
}

function of<T>(list: readonly T[], at: number): T {
  const one = list[at % list.length];
  if (one === undefined) throw new Error("an empty list has no variants");
  return one;
}

export function nameOf({ client, provider, stream, second }: Variant): string {
  return `${client} -> ${provider}, ${stream ? "stream" : "whole"}, ${second ? "second target" : "one target"}`;
}
