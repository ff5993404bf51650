import { defineCommand } from "../command.ts";
import { Refusal } from "../io.ts";

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
    arms: {
      type: "string",
      value: "ARMS",
      summary: "ask for real: a sample of the requests, of these, to compare answers",
    },
    "max-usd": {
      type: "string",
      value: "USD",
      summary: "with --arms: what that may cost; without it nothing is asked",
    },
    sample: { type: "string", value: "N", summary: "with --arms: how many requests (20)" },
    seed: { type: "string", value: "N", summary: "with --arms: another number draws another sample (1)" },
    "allow-unpriced": { type: "boolean", summary: "with --arms: ask also where the price is not known" },
    json: { type: "boolean", summary: "all of it as one JSON object, for other programs" },
    html: { type: "string", value: "FILE", completes: "file", summary: "also as a page with pictures, in one file" },
  },
  notes: [
    "Without --arms nothing is sent, and no key is needed: requests are decided again from the log.",
    "CLAIM is FILTER → PLACES (or ->), or a measure and a limit: cost, refused, moved, leaving, losses, switches,\nshare(PLACES), first_token(p95), duration(p50); compared by <=, <, >=, >, = with $5, 30%, 2s, 7, 1.1x or then.",
    "ARMS are providers of the config, by comma: NAME for the model the client asked for, NAME/MODEL for another.\nFirst it says what the sample will cost; no more than --max-usd is spent. Ctrl-C ends it with what is there.",
  ],
  examples: [
    ["replay --config new.toml", "what new.toml would change"],
    ["replay --config new.toml --since 7d --html replay.html", "last week's requests, as a page"],
    ["replay --arms local/qwen3,claude --max-usd 0.50", "20 requests asked again, answers side by side"],
    ["replay --assert 'tag=private → local' --assert 'cost <= 1.1x'", "a test of config.toml, for CI"],
  ],
  run: async ({ options }, io) => {
    const { arms } = options;
    if (arms === undefined) {
      const idle = ONLY_WITH_ARMS.find((name) => options[name] !== undefined && options[name] !== false);
      if (idle) throw new Refusal(2, `--${idle} goes with --arms, which names who is asked`);
      return (await import("../replay/replay.ts")).replay(options, io);
    }
    if (options.assert.length > 0)
      throw new Refusal(2, "--assert is about decisions, and --arms about answers: one at a time");
    return (await import("../replay/arms/arms.ts")).replayArms({ ...options, arms }, io);
  },
});

const ONLY_WITH_ARMS = ["max-usd", "sample", "seed", "allow-unpriced"] as const;
