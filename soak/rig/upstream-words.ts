/** What upstream and parent say to each other. */
export type UpstreamNote =
  | { type: "arrived"; tag: string; at: number; deed: string }
  /** The connection was closed before the answer was over. */
  | { type: "closed"; tag: string; at: number; deed: string };

export interface UpstreamCounts {
  type: "counts";
  requests: number;
  /** Requests not over yet. */
  open: number;
  aborted: number;
  sockets: number;
}

export type UpstreamOrder = { type: "count" } | { type: "text"; text: string };
