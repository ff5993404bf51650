import type { Command } from "../command.ts";
import { checkCommand } from "./check.ts";
import { completionCommand } from "./completion.ts";
import { demoCommand } from "./demo.ts";
import { diffCommand } from "./diff.ts";
import { doctorCommand } from "./doctor.ts";
import { envCommand } from "./env.ts";
import { explainCommand } from "./explain.ts";
import { initCommand } from "./init.ts";
import { launchCommand } from "./launch.ts";
import { pluginCommand } from "./plugin.ts";
import { reindexCommand } from "./reindex.ts";
import { replayCommand } from "./replay.ts";
import { runCommand } from "./run.ts";
import { schemaCommand } from "./schema.ts";
import { serviceCommand } from "./service.ts";
import { tuiCommand } from "./tui.ts";
import { watchCommand } from "./watch.ts";

/** All there are, in the order in which the help lists them. Each loads what it needs when it is asked for. */
export const COMMANDS: readonly Command[] = [
  runCommand,
  tuiCommand,
  watchCommand,
  explainCommand,
  replayCommand,
  demoCommand,
  launchCommand,
  envCommand,
  checkCommand,
  diffCommand,
  initCommand,
  doctorCommand,
  serviceCommand,
  pluginCommand,
  schemaCommand,
  reindexCommand,
  completionCommand(() => COMMANDS),
];
