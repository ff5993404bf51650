import { defineCommand } from "../command.ts";
import { Refusal } from "../io.ts";

export const doctorCommand = defineCommand({
  name: "doctor",
  group: "set up",
  summary: "find out what is wrong: config, keys, providers, machine",
  operands: [{ name: "CONFIG", optional: true, completes: "file" }],
  options: {
    provider: { type: "string", value: "NAME", multiple: true, summary: "look at this provider only; may be repeated" },
    model: { type: "string", value: "NAME", summary: "ask for this model, instead of the cheapest that is configured" },
    deep: { type: "boolean", summary: "also ask each provider for what agents need: tools, streams, images, …" },
    "no-requests": { type: "boolean", summary: "ask nothing that costs" },
    timeout: { type: "string", value: "SECONDS", summary: "how long one question to a provider may take (30)" },
    json: { type: "boolean", summary: "print JSON, at the end" },
  },
  notes: [
    "Each provider gets one tiny request (16 tokens at most) on the way every client's goes; with --deep eight more.\nWhat that costs is said before and after. Ctrl-C prints what is known so far.",
    "Exit code 0: nothing failed; 1: something did, and the row says what to do.",
  ],
  examples: [
    ["doctor", "look at config.toml here, or at what is found on this machine"],
    ["doctor my.toml --no-requests", "without a request that costs"],
    ["doctor --deep --provider local", "what works with one provider, as a table"],
    ["doctor --json", "for programs"],
  ],
  run: async ({ operands: [file], options }, io) => {
    const { provider, model, deep, json, timeout, "no-requests": noRequests } = options;
    const args = {
      file,
      providers: provider,
      model,
      deep,
      json,
      mayAsk: !noRequests,
      timeoutMs: millisecondsOf(timeout),
    };
    return (await import("../doctor/at-terminal.ts")).doctorAtTerminal(args, io);
  },
});

const USUAL_MS = 30_000;

function millisecondsOf(seconds: string | undefined): number {
  if (seconds === undefined) return USUAL_MS;
  const ms = /^\d+(?:\.\d+)?$/.test(seconds) ? Number(seconds) * 1000 : Number.NaN;
  if (ms >= 1 && ms <= 3_600_000) return ms;
  throw new Refusal(2, `--timeout must be seconds, up to 3600, not ${JSON.stringify(seconds)}`);
}
