import { defineCommand } from "../command.ts";

export const replayCommand = defineCommand({
  name: "replay",
  group: "watch",
  summary: "what another config would have done to the requests in the log",
  operands: [],
  options: {
    log: { type: "string", value: "FILE", completes: "file", summary: "the log, instead of the config's own" },
    config: { type: "string", value: "CONFIG", completes: "file", summary: "the config, instead of config.toml" },
    since: { type: "string", value: "WHEN", summary: "only what ended since: 7d, 12h, 30m, or 2026-11-29T08:00" },
    filter: { type: "string", value: "WORDS", summary: "only requests that match, as on the dashboard" },
    assert: {
      type: "string",
      value: "CLAIM",
      multiple: true,
      summary: "what has to be so, or the exit code is 1; may be given more than once",
    },
    json: { type: "boolean", summary: "all of it as one JSON object, for other programs" },
    html: { type: "string", value: "FILE", completes: "file", summary: "also as a page with pictures, in one file" },
  },
  notes: [
    "Nothing is sent, and no key is needed: each request is decided again from what the log says of it.",
    "CLAIM is FILTER → PLACES (or ->), or a measure and a limit: cost, refused, moved, leaving, losses, switches,\nshare(PLACES), first_token(p95), duration(p50); compared by <=, <, >=, >, = with $5, 30%, 2s, 7, 1.1x or then.",
  ],
  examples: [
    ["replay --config new.toml", "what new.toml would change"],
    ["replay --config new.toml --since 7d --html replay.html", "last week's requests, as a page"],
    ["replay --assert 'tag=private → local' --assert 'cost <= 1.1x'", "a test of config.toml, for CI"],
  ],
  run: async ({ options }, io) => (await import("../replay/replay.ts")).replay(options, io),
});
