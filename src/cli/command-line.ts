import { existsSync } from "node:fs";
import { didYouMean } from "../config/nearest.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./commands/index.ts";
import { runCommand } from "./commands/run.ts";
import { helpOf, overview } from "./help.ts";
import { type Io, Refusal } from "./io.ts";
import { VERSION } from "./version.ts";

/** Does what the command line says. Throws `Refusal` saying what is wrong with it. `run` is the command when none is named. */
export async function perform(
  argv: readonly string[],
  io: Io,
  exists: (path: string) => boolean = existsSync,
): Promise<number> {
  const [first, ...after] = argv;
  if (first === "help") return help(after, io);
  const named = COMMANDS.find(({ name }) => name === first);
  const words = named === undefined ? argv : after;
  const asked = flagsOf(words);
  if (asked.includes("-h") || asked.includes("--help")) {
    io.out(named === undefined ? overview() : helpOf(named));
    return 0;
  }
  if (named !== undefined) return named.start(words, io);
  if (asked.includes("-V") || asked.includes("--version") || first === "version") {
    io.out(VERSION);
    return 0;
  }
  checkFile(first, exists);
  return runCommand.start(words, io);
}

function help([name, extra]: readonly string[], io: Io): number {
  if (extra !== undefined) throw new Refusal(2, `${JSON.stringify(extra)} is one argument too many`);
  io.out(name === undefined ? overview() : helpOf(commandNamed(name)));
  return 0;
}

function commandNamed(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command) return command;
  const hint = didYouMean(
    name,
    COMMANDS.map((known) => known.name),
  );
  throw new Refusal(2, `there is no command ${JSON.stringify(name)}${hint}`);
}

/** Those before `--`: what follows is somebody else's. */
function flagsOf(words: readonly string[]): string[] {
  const cut = words.indexOf("--");
  return (cut === -1 ? words : words.slice(0, cut)).filter((word) => word.startsWith("-"));
}

/** Without a command, the first word is a config; a command misspelt is one that does not exist. */
function checkFile(first: string | undefined, exists: (path: string) => boolean): void {
  if (first === undefined || first.startsWith("-") || exists(first)) return;
  const names = COMMANDS.map(({ name }) => name);
  const hint = didYouMean(first, names) || " (see --help)";
  throw new Refusal(2, `${JSON.stringify(first)} is neither a command nor a config file that exists${hint}`);
}
