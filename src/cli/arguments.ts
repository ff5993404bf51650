import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { didYouMean } from "../config/nearest.ts";
import { Refusal } from "./io.ts";

export const COMMANDS = ["run", "check", "init", "reindex", "schema", "plugin", "help", "version"] as const;
export type CommandName = (typeof COMMANDS)[number];

/** What `plugin new` makes: a plugin, or what an option of that name says. */
const MODULE_OPTIONS = ["classifier", "response-classifier", "rule"] as const;
export type ModuleKindName = "plugin" | (typeof MODULE_OPTIONS)[number];

export interface Arguments {
  readonly command: CommandName;
  /** CONFIG or FILE, where one was named; of `plugin new` its NAME. */
  readonly file: string | undefined;
  /** What `plugin new` is to make. */
  readonly kind: ModuleKindName;
  readonly host: string | undefined;
  readonly port: number | undefined;
}

const OPTIONS = {
  host: { type: "string" },
  port: { type: "string" },
  classifier: { type: "boolean" },
  "response-classifier": { type: "boolean" },
  rule: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

/** Reads the command line. Throws `Refusal` saying what is wrong with it. `run` is the command when none is named. */
export function readArguments(argv: readonly string[], exists: (path: string) => boolean = existsSync): Arguments {
  const { values, positionals } = parse(argv);
  const isHelp = values.help === true || values.version === true;
  const { command, file } = commandOf(positionals, exists, isHelp);
  if (command !== "run" && (values.host !== undefined || values.port !== undefined)) {
    throw new Refusal(2, `--host and --port are for running the router, not for "${command}"`);
  }
  const kinds = MODULE_OPTIONS.filter((name) => values[name] === true);
  const [first, second] = kinds;
  if (first !== undefined && command !== "plugin") {
    throw new Refusal(2, `--${first} is for "plugin new", not for "${command}"`);
  }
  if (second !== undefined) throw new Refusal(2, `--${first} and --${second}: it can only be one of them`);
  const chosen = values.help === true ? "help" : values.version === true ? "version" : command;
  return { command: chosen, file, kind: first ?? "plugin", host: values.host, port: portOf(values.port) };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    const option = argv.find((arg) => arg.startsWith("--"))?.replace(/=.*/s, "");
    const isUnknown = cause instanceof Error && "code" in cause && cause.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION";
    const unknown = isUnknown ? /'(-[^ ']*)/.exec(cause.message)?.[1] : undefined;
    if (unknown === undefined) throw new Refusal(2, `${option ?? "an option"}: ${firstSentence(cause)}`);
    const names = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new Refusal(2, `unknown option ${unknown}, allowed: ${names.join(", ")}${didYouMean(unknown, names)}`);
  }
}

function commandOf(
  positionals: readonly string[],
  exists: (path: string) => boolean,
  isHelp: boolean,
): { command: CommandName; file: string | undefined } {
  const [first, ...rest] = positionals;
  const named = COMMANDS.find((name) => name === first);
  if (named === "plugin") return { command: named, file: isHelp ? undefined : nameOf(rest) };
  const files = named === undefined ? positionals : rest;
  const extra = files[1];
  if (extra !== undefined) throw new Refusal(2, `${JSON.stringify(extra)} is one argument too many`);
  const [file] = files;
  if (named === undefined && file !== undefined && !exists(file)) {
    const hint = didYouMean(file, COMMANDS) || " (see --help)";
    throw new Refusal(2, `${JSON.stringify(file)} is neither a command nor a config file that exists${hint}`);
  }
  if (file !== undefined && ["schema", "help", "version"].includes(named ?? "run")) {
    throw new Refusal(2, `"${named}" takes no argument`);
  }
  return { command: named ?? "run", file };
}

/** The NAME of `plugin new NAME`. */
function nameOf([action, name, extra]: readonly string[]): string {
  const usage = "opensourcellmrouter plugin new NAME";
  if (action === undefined) throw new Refusal(2, `"plugin" needs to know what to do: ${usage}`);
  if (action !== "new") {
    throw new Refusal(2, `"plugin" knows "new" only, not ${JSON.stringify(action)}: ${usage}`);
  }
  if (name === undefined) throw new Refusal(2, `"plugin new" needs a name: ${usage}`);
  if (extra !== undefined) throw new Refusal(2, `${JSON.stringify(extra)} is one argument too many`);
  return name;
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65535) return port;
  throw new Refusal(2, `--port must be a number from 0 to 65535, not ${JSON.stringify(text)}`);
}

function firstSentence(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split(/\.\s|\n/)[0] ?? message;
}
