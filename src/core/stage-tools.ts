import type { Json } from "./json.ts";
import type { Feature } from "./loss.ts";
import type { Dialect } from "./part.ts";
import type { OutputShape } from "./request.ts";
import type { ChatResponse } from "./response.ts";

/** Who asks, as far as it says so. */
export interface ClientFacts {
  /** The API it speaks. */
  readonly dialect: Dialect;
  /** The program, by its user-agent: `claude-code`, `codex`, `openai-sdk`, …; undefined: it does not say. */
  readonly agent: string | undefined;
  /** What the config calls the key it presented, never the key; undefined: it needs none. */
  readonly key: string | undefined;
  /** Lower-case names. Credentials are left out. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** A name for the conversation that stays the same from turn to turn, and differs between clients with different keys. */
  readonly conversation: string;
  readonly stream: boolean;
}

/** A provider and model that a request may go to. */
export interface TargetFacts {
  /** The provider's name in the config. */
  readonly provider: string;
  /** The API it speaks. */
  readonly dialect: Dialect;
  /** As it is sent. */
  readonly model: string;
  /** On this machine or the owner's own network. */
  readonly nearby: boolean;
  /** What is known of the model: `vision`, `tools`, …; undefined: nothing. */
  readonly capabilities: ReadonlySet<string> | undefined;
  /** Its API has a place for it, in whatever shape. */
  can(feature: Feature): boolean;
}

/** HTTP for plugins and classifiers: within the deadline of whoever asks, never following a redirect. */
export interface HttpTool {
  /** Resolves whatever the status. Rejects with an `Error` that says which address, and what went wrong; never with a header's value. */
  fetch(request: HttpRequest): Promise<HttpAnswer>;
}

export interface HttpRequest {
  url: string;
  /** `POST` when there is a body, else `GET`. */
  method?: "GET" | "POST";
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  body?: Json;
  /** Besides the deadline of whoever asks. */
  timeoutMs?: number;
  /** Bytes; a longer answer is an error. 2 MB unless told. */
  maxBytes?: number;
  /**
   * `configured`: an address from the owner's own config, which may be anywhere. `public`: an address that came from outside;
   * one that leads into this machine or a private network is refused when the connection is made, whatever its name says.
   */
  reach: "configured" | "public";
}

export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
  /** Throws when the text is no JSON. */
  json(): Json;
}

/** A question to one of the router's own providers. What it costs is counted with the exchange. */
export interface ModelTool {
  /** Rejects with an `Error` saying who failed, and how. */
  ask(question: ModelQuestion): Promise<ModelAnswer>;
}

export interface ModelQuestion {
  /** A provider's name; without one the rules choose by the model. */
  provider?: string;
  model: string;
  system?: string;
  prompt: string;
  maxOutputTokens?: number;
  output?: OutputShape;
  timeoutMs?: number;
}

export interface ModelAnswer {
  text: string;
  response: ChatResponse;
}
