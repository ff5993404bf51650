import type { ClientHalf, Headers } from "../wire/format.ts";
import type { Prompt } from "./prompt.ts";

/** What came in: everything the pipeline needs to know of the HTTP request. */
export interface Incoming {
  id: string;
  client: ClientHalf;
  headers: Headers;
  /** Decoded, without the query. */
  path: string;
  /** `?beta=true` as the client wrote it, without credentials; `""` for none. */
  query: string;
  /** The key in the query, if the client presents it there. */
  queryKey?: string;
  /** What the config calls the key it came with; undefined: it needs none. */
  key?: string | undefined;
  prompt: Prompt;
}
