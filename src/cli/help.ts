import { type Command, GROUPS, usageOf } from "./command.ts";
import { COMMANDS } from "./commands/index.ts";

const PROGRAM = "opensourcellmrouter";

/** What `--help` prints. */
export function overview(): string {
  const groups = GROUPS.filter((group) => group !== "run").flatMap((group) => [
    "",
    `To ${group}`,
    ...table(COMMANDS.filter((command) => command.group === group).map((one) => [callOf(one), one.summary])),
  ]);
  return [
    "A fast, local-first LLM router: any OpenAI, Anthropic, Gemini or Ollama client, any provider.",
    "",
    "Usage",
    ...table([
      [`${PROGRAM} [CONFIG]`, "run the router; CONFIG is config.toml unless named. Without one it"],
      ["", "serves the keys and local model servers it finds"],
      [`${PROGRAM} COMMAND …`, "do something else"],
      [`${PROGRAM} COMMAND --help`, "more about a command, with examples"],
    ]),
    ...groups,
    "",
    "Options",
    ...table([
      ...optionRows(COMMANDS.find(({ name }) => name === "run")?.options ?? {}),
      ["-h, --help", "this text"],
      ["-V, --version", "the version"],
    ]),
    "",
    "The short name llmrouter does the same.",
    "Exit codes: 0 done, 1 failed, 2 the command line or the config is wrong.",
  ].join("\n");
}

/** What `COMMAND --help` prints. */
export function helpOf(command: Command): string {
  const { summary, options, rest, notes = [], examples } = command;
  const rows = [...optionRows(options), ...(rest === undefined ? [] : [["-- …", rest] as const])];
  return [
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    "",
    "Usage",
    ...usageLines(usageOf(command)),
    ...(rows.length === 0 ? [] : ["", "Options", ...table(rows)]),
    ...notes.flatMap((note) => ["", note]),
    "",
    "Examples",
    ...table(
      examples.map(([call, does]) => [`${PROGRAM} ${call}`.trimEnd(), does]),
      60,
    ),
  ].join("\n");
}

const WIDEST = 96;

/** Goes on in the next line, between two options, where it is too long for one. */
function usageLines(usage: string): string[] {
  const [call = "", ...options] = usage.split(/ (?=\[-)/);
  const lines = [`  ${call}`];
  for (const option of options) {
    const last = lines.at(-1) ?? "";
    if (last.length + 1 + option.length > WIDEST) lines.push(`    ${option}`);
    else lines[lines.length - 1] = `${last} ${option}`;
  }
  return lines;
}

function callOf({ name, operands }: Command): string {
  const words = operands.map(({ name: word, optional, choices }) => {
    const text = choices === undefined || choices.length > 3 ? word : choices.join("|");
    return optional ? `[${text}]` : text;
  });
  return [name, ...words].join(" ");
}

function optionRows(options: Command["options"]): (readonly [string, string])[] {
  return Object.entries(options).map(([name, { short, value, choices, summary }]) => {
    const flag = `${short ? `-${short}, ` : ""}--${name}${value ? ` ${value}` : ""}`;
    return [flag, choices ? `${summary}: ${choices.join(", ")}` : summary];
  });
}

/** Two columns; a long first one has a line to itself. */
function table(rows: readonly (readonly [string, string])[], widest = 34): string[] {
  const width = Math.min(widest, Math.max(...rows.map(([left]) => left.length)));
  return rows.flatMap(([left, right]) =>
    left.length > width ? [`  ${left}`, `  ${"".padEnd(width)}  ${right}`] : [`  ${left.padEnd(width)}  ${right}`],
  );
}
