import { RemoteError, RemoteRouter } from "../../remote/remote-router.ts";
import { type Io, Refusal } from "../io.ts";
import { KEY_VARIABLE, type WhichRouter, whichRouter } from "../which-router.ts";
import type { Agent, Plan } from "./agent.ts";
import { homeOf, readOwn, statePath } from "./place.ts";
import { type Choice, chooseModel } from "./router/choose-model.ts";

/** Which router an agent is to use. Base URLs are often written with the `/v1` that some clients want. */
export async function routerFor(
  url: string | undefined,
  keyVariable: string | undefined,
  io: Io,
): Promise<WhichRouter> {
  const which = await whichRouter(url, keyVariable, io);
  return { ...which, base: which.base.replace(/\/v1$/, "") };
}

/** Chooses the model at a router that answers. Throws `Refusal`, also when the router wants another key. */
export async function choiceFor(agent: Agent, asked: string | undefined, which: WhichRouter, io: Io): Promise<Choice> {
  const byVariable = agent.modelVariable === undefined ? undefined : io.env[agent.modelVariable] || undefined;
  try {
    return await chooseModel(agent, asked, byVariable, new RemoteRouter(which.base, which.key));
  } catch (cause) {
    if (cause instanceof RemoteError) throw new Refusal(1, remoteText(cause, which));
    throw cause;
  }
}

/** What the agent's start is made of; nothing is done yet. */
export function planFor(agent: Agent, { base, key }: WhichRouter, { model, models }: Choice, io: Io): Plan {
  const folder = statePath(io.env, "agents", agent.name);
  return agent.plan({ base, key, model, models, env: io.env, home: homeOf(io.env), folder, read: readOwn });
}

function remoteText(error: RemoteError, { key, from }: WhichRouter): string {
  if (error.kind !== "unauthorized") return error.message;
  if (key !== undefined) return `${error.message}: correct ${KEY_VARIABLE}, or name another variable with --key-env`;
  const here = from === "config" ? "set the variable that api_key_env in config.toml names, or " : "";
  return `${error.message}: ${here}put it in ${KEY_VARIABLE}, or name the variable that has it with --key-env`;
}
