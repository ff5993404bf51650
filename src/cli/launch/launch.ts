import { terminalLine } from "../../core/terminal-text.ts";
import type { Io } from "../io.ts";
import type { AgentName } from "./agent-names.ts";
import { AGENTS } from "./agents/index.ts";
import { changed, changesOf } from "./environment.ts";
import { writeFiles } from "./place.ts";
import { choiceFor, planFor, routerFor } from "./prepare.ts";
import { programOf } from "./program.ts";
import { readyRouter } from "./router/ready-router.ts";
import { runAgent } from "./run-agent.ts";

export interface LaunchCall {
  readonly name: AgentName;
  readonly url: string | undefined;
  readonly keyVariable: string | undefined;
  readonly model: string | undefined;
  /** The agent's own. */
  readonly args: readonly string[];
}

/** `launch AGENT`: the agent in this terminal, with a router. Resolves to the agent's exit code. */
export async function launch(call: LaunchCall, io: Io): Promise<number> {
  const agent = AGENTS[call.name];
  const program = programOf(agent, io.env);
  const which = await routerFor(call.url, call.keyVariable, io);
  await readyRouter(which, io);
  const choice = await choiceFor(agent, call.model, which, io);
  // Standard output is the agent's.
  if (choice.note !== undefined) io.err(terminalLine(choice.note));
  const plan = planFor(agent, which, choice, io);
  writeFiles(plan);
  const env = changed(io.env, changesOf(plan, which.base, io.env));
  return runAgent({ program, args: [...plan.args, ...call.args], env });
}
