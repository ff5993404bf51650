import { parseArgs } from "node:util";
import { didYouMean } from "../config/nearest.ts";
import { type Io, Refusal } from "./io.ts";

/** An option of a command: `--port PORT`. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  /** For the help. */
  readonly summary: string;
  /** What its value is called in the help. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
  /** What its value may be; else anything. */
  readonly choices?: readonly string[];
  /** May be given more than once. */
  readonly multiple?: true;
  /** For shell completion. */
  readonly completes?: "file";
}

/** What follows a command's name: `CONFIG`. */
export interface OperandSpec {
  readonly name: string;
  readonly optional?: true;
  readonly choices?: readonly string[];
  readonly completes?: "file";
}

type Options = Readonly<Record<string, OptionSpec>>;

type ValueOf<O extends OptionSpec> = O["type"] extends "boolean"
  ? boolean
  : O extends { multiple: true }
    ? readonly string[]
    : (O extends { choices: readonly (infer C)[] } ? C : string) | undefined;

/** What the command line says to a command. Whatever may be checked without doing anything has been. */
export interface Call<O extends Options = Options> {
  readonly operands: readonly string[];
  readonly options: { readonly [K in keyof O]: ValueOf<O[K]> };
  /** What follows `--`, for commands that take it. */
  readonly rest: readonly string[];
}

export const GROUPS = ["run", "watch", "use", "set up"] as const;

interface Spec<O extends Options> {
  readonly name: string;
  /** Where the help lists it. */
  readonly group: (typeof GROUPS)[number];
  /** One line, small letter first, no full stop. */
  readonly summary: string;
  readonly operands: readonly OperandSpec[];
  readonly options: O;
  /** What it does with what follows `--`, where it takes that. */
  readonly rest?: string;
  /** More for its own help: paragraphs of at most 100 columns. */
  readonly notes?: readonly string[];
  /** At least one; the call without the program's name. */
  readonly examples: readonly (readonly [call: string, does: string])[];
  /** Loads what it needs and does it. Resolves to the exit code. */
  run(call: Call<O>, io: Io): number | Promise<number>;
}

/** A command without the types of its options. */
export interface Command extends Omit<Spec<Options>, "run"> {
  /** Reads its words of the command line and does what they say. Throws `Refusal` saying what is wrong with them. */
  start(words: readonly string[], io: Io): number | Promise<number>;
}

/** Its options become the types of what it is called with. `--help` is not among them: every command has it. */
export function defineCommand<const O extends Options>(spec: Spec<O>): Command {
  const { run, ...rest } = spec;
  return { ...rest, start: (words, io) => run(readCall(spec, words), io) };
}

function readCall<O extends Options>(spec: Spec<O>, words: readonly string[]): Call<O> {
  const cut = spec.rest === undefined ? -1 : words.indexOf("--");
  const own = cut === -1 ? words : words.slice(0, cut);
  const { values, positionals } = parse(spec, own);
  checkOperands(spec, positionals);
  const options = Object.fromEntries(
    Object.entries(spec.options).map(([name, option]) => [name, optionValue(name, option, values[name])]),
  );
  // What each value is follows from the very options that `ValueOf` looks at.
  return {
    operands: positionals,
    options: options as Call<O>["options"],
    rest: cut === -1 ? [] : words.slice(cut + 1),
  };
}

function parse({ name, options }: Spec<Options>, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: parseOptions(options), allowPositionals: true });
  } catch (cause) {
    const isUnknown = cause instanceof Error && "code" in cause && cause.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION";
    const unknown = isUnknown ? /'(-[^ ']*)/.exec(cause.message)?.[1] : undefined;
    const option = args.find((arg) => arg.startsWith("-"))?.replace(/=.*/s, "");
    if (unknown === undefined) throw new Refusal(2, `${option ?? "an option"}: ${firstSentence(cause)}`);
    const names = [...Object.keys(options), "help"].map((known) => `--${known}`);
    const allowed = `"${name}" takes ${names.join(", ")}`;
    throw new Refusal(2, `unknown option ${unknown}: ${allowed}${didYouMean(unknown, names)}`);
  }
}

function parseOptions(options: Options) {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short !== undefined && { short }), ...(multiple && { multiple }) },
    ]),
  );
}

function optionValue(name: string, { type, choices, multiple }: OptionSpec, value: unknown): unknown {
  if (type === "boolean") return value === true;
  const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
  for (const given of values) {
    if (choices === undefined || choices.includes(given)) continue;
    const hint = didYouMean(given, choices);
    throw new Refusal(2, `--${name} must be ${either(choices)}, not ${JSON.stringify(given)}${hint}`);
  }
  return multiple ? values : values.at(-1);
}

function checkOperands(spec: Spec<Options>, given: readonly string[]): void {
  const { name, operands } = spec;
  for (const [index, operand] of operands.entries()) {
    const value = given[index];
    if (value === undefined) {
      if (operand.optional) return;
      throw new Refusal(2, `"${name}" needs ${operandText(operand)}: ${usageOf(spec)}`);
    }
    if (operand.choices === undefined || operand.choices.includes(value)) continue;
    const hint = didYouMean(value, operand.choices);
    throw new Refusal(2, `"${name}" knows ${either(operand.choices)}, not ${JSON.stringify(value)}${hint}`);
  }
  const extra = given[operands.length];
  if (extra === undefined) return;
  if (operands.length === 0) throw new Refusal(2, `"${name}" takes no argument`);
  throw new Refusal(2, `${JSON.stringify(extra)} is one argument too many: ${usageOf(spec)}`);
}

/** `opensourcellmrouter launch AGENT [--url URL] [-- …]`, for people. */
export function usageOf({ name, operands, options, rest }: Omit<Command, "start">): string {
  const words = operands.map((operand) => (operand.optional ? `[${operandText(operand)}]` : operandText(operand)));
  const flags = Object.entries(options).map(([option, { value }]) => `[--${option}${value ? ` ${value}` : ""}]`);
  return ["opensourcellmrouter", name, ...words, ...flags, ...(rest === undefined ? [] : ["[-- …]"])].join(" ");
}

function operandText({ name, choices }: OperandSpec): string {
  return choices === undefined ? name : choices.join("|");
}

function either(choices: readonly string[]): string {
  return choices.length === 1 ? `${choices[0]} only` : `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
}

function firstSentence(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split(/\.\s|\n/)[0] ?? message;
}
