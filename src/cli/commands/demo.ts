import { defineCommand } from "../command.ts";
import { Refusal } from "../io.ts";
import { portOf } from "../port.ts";

export const demoCommand = defineCommand({
  name: "demo",
  group: "watch",
  summary: "see routing, failover and cost with simulated providers, without any key",
  operands: [],
  options: {
    web: { type: "boolean", summary: "print the dashboard's link instead of opening the terminal's" },
    port: { type: "string", value: "PORT", summary: "port to listen on; else 8090, or another when that is taken" },
    rate: { type: "string", value: "N", summary: "requests a second, 4 unless said" },
    for: { type: "string", value: "SECONDS", summary: "end after so long" },
    seed: { type: "string", value: "N", summary: "the same number shows the same requests and failures again" },
    "print-config": { type: "boolean", summary: "print the config it runs with, to begin your own with, and end" },
  },
  notes: [
    "A router with five simulated providers (a local model, a cheap one that often fails, a fast one that goes down now\nand then, a dear one) and the requests of eleven clients in all its APIs.",
    "It listens on this machine only, reads no config of yours and no key, sends nothing out, and leaves no file behind.",
  ],
  examples: [
    ["demo", "watch it in the terminal; q or Ctrl-C ends it"],
    ["demo --web", "watch it in the browser"],
    ["demo --print-config > config.toml", "its providers and rules as a config of your own"],
  ],
  run: async ({ options }, io) => {
    const port = portOf(options.port);
    const perSecond = numberOf("rate", options.rate, 0.1, 200) ?? 4;
    const seconds = numberOf("for", options.for, 0.1, 86_400);
    const seed = numberOf("seed", options.seed, 0, 2 ** 31);
    const { demo, demoConfig } = await import("../demo/demo.ts");
    if (!options["print-config"]) return demo({ port, perSecond, seconds, seed, isWeb: options.web }, io);
    io.out(demoConfig().trimEnd());
    return 0;
  },
});

function numberOf(option: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= least && value <= most) return value;
  throw new Refusal(2, `--${option} must be a number from ${least} to ${most}, not ${JSON.stringify(text)}`);
}
