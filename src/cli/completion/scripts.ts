import type { Command, OperandSpec, OptionSpec } from "../command.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type CompletedShell = (typeof SHELLS)[number];

const NAMES = ["opensourcellmrouter", "llmrouter"];

/** The script by which a shell completes the program's commands, options, their values, and files. */
export function completionScript(shell: CompletedShell, commands: readonly Command[]): string {
  if (shell === "fish") return fishScript(commands);
  return shell === "zsh"
    ? `autoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`
    : bashScript(commands);
}

/** What can stand behind a command, as words of a `case` of the shell. */
function bashScript(commands: readonly Command[]): string {
  const names = [...commands.map(({ name }) => name), "help"];
  return `_opensourcellmrouter() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${[...names, "--help", "--version", ...optionsOf(runOf(commands))].join(" ")}" -- "$word") $(compgen -f -- "$word"))
    return
  fi
  case "$command:$before" in
${valueCases(commands)}
  esac
  case "$word" in
    -*) case "$command" in
${commands.map((one) => `      ${one.name}) COMPREPLY=($(compgen -W "${[...optionsOf(one), "--help"].join(" ")}" -- "$word")) ;;`).join("\n")}
    esac
    return ;;
  esac
  case "$command:$COMP_CWORD" in
    help:2) COMPREPLY=($(compgen -W "${names.join(" ")}" -- "$word")) ;;
${operandCases(commands)}
  esac
}
${NAMES.map((name) => `complete -o filenames -F _opensourcellmrouter ${name}`).join("\n")}`;
}

function runOf(commands: readonly Command[]): Command | undefined {
  return commands.find(({ name }) => name === "run");
}

function optionsOf(command: Command | undefined): string[] {
  return Object.keys(command?.options ?? {}).map((name) => `--${name}`);
}

/** Behind an option that takes a value. */
function valueCases(commands: readonly Command[]): string {
  const cases = commands.flatMap((command) =>
    Object.entries(command.options)
      .filter(([, { type }]) => type === "string")
      .map(([name, option]) => `    ${command.name}:--${name}) ${replyOf(option)}; return ;;`),
  );
  return cases.join("\n");
}

function operandCases(commands: readonly Command[]): string {
  const cases = commands.flatMap((command) =>
    command.operands
      .map((operand, index) => ({ operand, place: index + 2 }))
      .filter(({ operand }) => operand.choices ?? operand.completes)
      .map(({ operand, place }) => `    ${command.name}:${place}) ${replyOf(operand)} ;;`),
  );
  return cases.join("\n");
}

/** Its choices, or files; of anything else nothing is known. */
function replyOf({ choices, completes }: Pick<OptionSpec | OperandSpec, "choices" | "completes">): string {
  if (choices) return `COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$word"))`;
  return completes === "file" ? `COMPREPLY=($(compgen -f -- "$word"))` : "COMPREPLY=()";
}

function fishScript(commands: readonly Command[]): string {
  const first = `not __fish_seen_subcommand_from ${commands.map(({ name }) => name).join(" ")}`;
  const lines = commands.flatMap((command) => {
    const seen = `__fish_seen_subcommand_from ${command.name}`;
    return [
      `-n ${quoted(first)} -f -a ${command.name} -d ${quoted(command.summary)}`,
      ...Object.entries(command.options).map(
        ([name, { type, choices, completes, summary }]) =>
          `-n ${quoted(seen)} ${completes === "file" ? "-F" : "-f"} -l ${name}${type === "string" ? " -r" : ""}` +
          `${choices ? ` -a ${quoted(choices.join(" "))}` : ""} -d ${quoted(summary)}`,
      ),
      ...command.operands
        .filter(({ choices }) => choices !== undefined)
        .map(({ choices = [] }) => `-n ${quoted(seen)} -f -a ${quoted(choices.join(" "))}`),
    ];
  });
  return NAMES.flatMap((name) => lines.map((line) => `complete -c ${name} ${line}`)).join("\n");
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
