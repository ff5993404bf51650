import { Refusal } from "../../io.ts";
import { DEFAULT_CONFIG } from "../../open-config.ts";
import { sinceMs } from "../since.ts";

/** What the command line says. */
export interface ArmsArgs {
  readonly arms: string;
  readonly sample: string | undefined;
  readonly "max-usd": string | undefined;
  readonly "allow-unpriced": boolean;
  readonly seed: string | undefined;
  readonly log: string | undefined;
  readonly config: string | undefined;
  readonly since: string | undefined;
  readonly filter: string | undefined;
  readonly json: boolean;
  readonly html: string | undefined;
}

/** The same, read. */
export interface ArmsSettings {
  readonly arms: string;
  readonly sample: number;
  /** Absent: nothing is asked. */
  readonly maxUsd: number | undefined;
  readonly allowUnpriced: boolean;
  readonly seed: number;
  /** Absent: the config's own. */
  readonly log: string | undefined;
  readonly config: string;
  readonly sinceMs: number | undefined;
  readonly filter: string;
  readonly json: boolean;
  readonly html: string | undefined;
}

const USUAL_SAMPLE = 20;
const MOST_SAMPLED = 10_000;

/** Throws `Refusal` for what cannot be meant. */
export function settingsOf(args: ArmsArgs): ArmsSettings {
  const { arms, log, json, html } = args;
  return {
    arms,
    sample: whole("sample", args.sample, USUAL_SAMPLE, 1, MOST_SAMPLED),
    maxUsd: dollars(args["max-usd"]),
    allowUnpriced: args["allow-unpriced"],
    seed: whole("seed", args.seed, 1, 0, 2 ** 32 - 1),
    log,
    config: args.config ?? DEFAULT_CONFIG,
    sinceMs: args.since === undefined ? undefined : sinceMs(args.since, Date.now()),
    filter: args.filter ?? "",
    json,
    html,
  };
}

function whole(name: string, text: string | undefined, usual: number, least: number, most: number): number {
  if (text === undefined) return usual;
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Refusal(2, `--${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
}

function dollars(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const usd = /^\$?\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text.replace("$", "")) : Number.NaN;
  if (!Number.isNaN(usd)) return usd;
  throw new Refusal(2, `--max-usd must be US dollars, such as 0.50, not ${JSON.stringify(text)}`);
}
