import { escapedControls, terminalLine } from "../../core/terminal-text.ts";
import { type Io, Refusal } from "../io.ts";
import type { WhichRouter } from "../which-router.ts";
import type { Plan } from "./agent.ts";
import { AGENT_NAMES, type AgentName, SDK_NAMES, type SdkName } from "./agent-names.ts";
import { AGENTS } from "./agents/index.ts";
import { changesOf } from "./environment.ts";
import { writeFiles } from "./place.ts";
import { choiceFor, planFor, routerFor } from "./prepare.ts";
import type { Choice } from "./router/choose-model.ts";
import { findRouter } from "./router/find-router.ts";
import { sdkPlan } from "./sdks.ts";
import { commandLine, type Shell, setLine, shellOf, unsetLine } from "./shell.ts";

export interface EnvCall {
  readonly name: AgentName | SdkName;
  readonly url: string | undefined;
  readonly keyVariable: string | undefined;
  readonly model: string | undefined;
  readonly shell: Shell | undefined;
  readonly json: boolean;
}

/** `env AGENT`: prints what `launch` would set, for a shell to read. Starts nothing. */
export async function printEnv(call: EnvCall, io: Io): Promise<number> {
  const which = await routerFor(call.url, call.keyVariable, io);
  const { plan, command, choice } = await prepared(call, which, io);
  writeFiles(plan);
  const { set, unset } = changesOf(plan, which.base, io.env);
  const words = command === undefined ? undefined : [command, ...plan.args];
  if (call.json) {
    io.out(
      escapedControls(
        JSON.stringify({ set, unset, command: words ?? null, model: choice?.model?.name ?? null }, null, 2),
      ),
    );
    return 0;
  }
  const shell = call.shell ?? shellOf(io.env);
  for (const name of unset) io.out(unsetLine(name, shell));
  for (const [name, value] of Object.entries(set)) io.out(setLine(name, value, shell));
  // Not among what the shell reads: without quotes round its $( ) it would take everything behind a # for a comment.
  if (choice?.note !== undefined) io.err(`# ${terminalLine(choice.note)}`);
  if (words !== undefined && plan.args.length > 0) {
    io.err("# The rest no variable can say. Start it so:");
    io.err(commandLine(words, shell));
  }
  return 0;
}

interface Prepared {
  readonly plan: Plan;
  /** What the agent is started by. */
  readonly command?: string;
  readonly choice?: Choice;
}

async function prepared({ name, model }: EnvCall, which: WhichRouter, io: Io): Promise<Prepared> {
  const sdk = SDK_NAMES.find((one) => one === name);
  if (sdk !== undefined) return { plan: sdkPlan(sdk, which) };
  const agent = AGENTS[AGENT_NAMES.find((one) => one === name) ?? "claude"];
  const choice = await choiceAnyway(agent, model, which, io);
  return { plan: planFor(agent, which, choice, io), command: agent.command, choice };
}

/** Without a router, too, as long as there is nothing to ask it. */
async function choiceAnyway(
  agent: (typeof AGENTS)[AgentName],
  asked: string | undefined,
  which: WhichRouter,
  io: Io,
): Promise<Choice> {
  const found = await findRouter(which.base);
  if (found.what === "router") return choiceFor(agent, asked, which, io);
  const missing = `no router answers at ${which.base} (${terminalLine(found.reason)})`;
  if (asked === undefined && agent.needsModel) {
    throw new Refusal(1, `${missing}, and it would have to be asked for a model: start it, or choose one with --model`);
  }
  return {
    model: asked === undefined ? undefined : { name: asked },
    models: [],
    note: `${missing}: start it before the agent`,
  };
}
