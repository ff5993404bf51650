import type { OpaqueState, ReasoningPart } from "../core/part.ts";

/** Who made an answer: only this provider can read its state. */
export interface Origin {
  provider: string;
  /** As it was sent. */
  model: string;
}

/** Where a request goes, as far as state is concerned. */
export interface StateTarget extends Origin {
  dialect: OpaqueState["dialect"];
}

/** What stood before one tool call, and in it, that most clients' APIs cannot hold. */
export interface RememberedCall {
  kind: "call";
  origin: Origin;
  /** Before the text that stood before the call, and after it. Empty when the client carries it itself. */
  leading: ReasoningPart[];
  trailing: ReasoningPart[];
  state?: OpaqueState;
}

/** An answer to a client of Responses that the router keeps, since no provider does. */
export interface RememberedResponse {
  kind: "response";
  previous?: string;
  /** The items that were new, as JSON text: objects would take several times the memory. */
  input: string;
  /** The answer, as JSON text. */
  response: string;
}

/** An answer that its provider keeps. */
interface KeptResponse {
  kind: "kept";
  origin: Origin;
}

/** In which answer an output item is. */
interface RememberedItem {
  kind: "item";
  response: string;
}

/** The last prompt of a conversation, as the client wrote it and as its provider got it. */
export interface RememberedPrompt {
  kind: "prompt";
  asked: Uint32Array;
  sent: Uint32Array;
  sentHead: string;
  origin: Origin;
}

/** What a classifier last found in a conversation. */
export interface RememberedTags {
  kind: "tags";
  tags: readonly string[];
}

/** Where a conversation was answered last, and what it is like. Tokens. */
export interface RememberedAffinity {
  kind: "affinity";
  origin: Origin;
  /** Wall clock, ms since 1970: caches grow cold. */
  atMs: number;
  /** For how long from then its cache holds. */
  warmMs: number;
  /** Of the last prompt and answer together: what the next prompt begins with. */
  prefixTokens: number;
  /** Of what a cache could have held, the share it did: 0 to 1. */
  cachedShare: number;
  /** Of an answer, lately. */
  outputTokens: number;
}

/** Who made a tool call, in which conversation. */
interface RememberedLoop {
  kind: "loop";
  origin: Origin;
  conversation: string;
}

/** All there is in the one memory. */
export type Remembered =
  | RememberedCall
  | RememberedResponse
  | KeptResponse
  | RememberedItem
  | RememberedPrompt
  | RememberedTags
  | RememberedAffinity
  | RememberedLoop;
