import { ConfigError } from "../config/problem.ts";
import { type Arguments, readArguments } from "./arguments.ts";
import { HELP } from "./help.ts";
import { type Io, Refusal } from "./io.ts";
import { VERSION } from "./version.ts";

/** Does what the command line says. Resolves to the exit code; what the user can remedy is printed, not thrown. */
export async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await perform(readArguments(argv), io);
  } catch (cause) {
    if (cause instanceof ConfigError) {
      io.err(cause.message);
      return 2;
    }
    if (cause instanceof Refusal) {
      io.err(`opensourcellmrouter: ${cause.message}`);
      return cause.exitCode;
    }
    // The stack alone: Node would print the error's fields too, and they may hold what a config holds.
    const text = cause instanceof Error ? cause.stack : String(cause);
    io.err(`opensourcellmrouter: this is a bug, please report it with these lines:\n${text}`);
    return 1;
  }
}

/** Each command is loaded when it is asked for: `--version` needs no router. */
async function perform(args: Arguments, io: Io): Promise<number> {
  switch (args.command) {
    case "run":
      return (await import("./run.ts")).run(args, io);
    case "check":
      return (await import("./check.ts")).check(args.file, io);
    case "init":
      return (await import("./init.ts")).init(args.file, io);
    case "reindex":
      return (await import("./reindex.ts")).reindex(args.file, io);
    case "schema":
      return (await import("./schema.ts")).schema(io);
    case "plugin":
      return (await import("./plugin-new.ts")).pluginNew(args.file ?? "", args.kind, io);
    case "help":
      io.out(HELP);
      return 0;
    case "version":
      io.out(VERSION);
      return 0;
  }
}
