import { z } from "zod";
import { RemoteError, type RemoteRouter } from "../../../remote/remote-router.ts";
import { Refusal } from "../../io.ts";
import type { Agent, ListedModel } from "../agent.ts";

/** What an agent is to ask for. */
export interface Choice {
  /** Undefined: what it asks for by itself. */
  readonly model: ListedModel | undefined;
  readonly models: readonly ListedModel[];
  /** For the user: which was chosen for him, and why; or what is wrong with the one he chose. */
  readonly note?: string;
}

/**
 * The model asked for, or the one the user's variable names, or the agent's own where the router serves those, else the best
 * the router lists. Throws `Refusal` when there is none, `RemoteError` when the router cannot be asked.
 */
export async function chooseModel(
  agent: Agent,
  asked: string | undefined,
  byVariable: string | undefined,
  router: RemoteRouter,
): Promise<Choice> {
  const models = await listed(router);
  const known = (name: string) => models.find((one) => one.name === name) ?? { name };
  const named = asked ?? byVariable;
  if (named !== undefined) {
    const problem = await whyNot(named, router);
    const note = problem === undefined ? undefined : `the router would not answer "${named}": ${problem}`;
    // What a variable says need not be said again, unless there is more to say.
    const isSaid = asked === undefined && !agent.needsModel;
    return { model: isSaid ? undefined : known(named), models, ...(note && { note }) };
  }
  if (!agent.needsModel && (await servesOwn(agent, router))) return { model: undefined, models };
  const model = bestOf(models, agent);
  if (model === undefined) {
    throw new Refusal(
      1,
      `${agent.title} needs the name of a model, and the router lists none: choose one with --model`,
    );
  }
  const why = agent.needsModel ? "" : `, since the router has none of ${agent.title}'s own`;
  const count = models.length === 1 ? "the only model" : `one of ${models.length} models`;
  return {
    model,
    models,
    note: `${agent.title} will ask for ${model.name}, ${count} the router lists${why} (--model chooses)`,
  };
}

// What is read of a router's answers, so that one of another version will do: src/api has them whole.
const idsSchema = z.object({ data: z.array(z.object({ id: z.string() })) });
const modelsSchema = z.object({
  models: z.array(
    z.object({
      id: z.string(),
      providers: z.array(z.object({ provider: z.string(), model: z.string() })),
      capabilities: z.array(z.string()).nullable(),
      context_window: z.number().nullable(),
    }),
  ),
});
const providersSchema = z.object({ providers: z.array(z.object({ name: z.string(), format: z.string().nullable() })) });
const dryRunSchema = z.object({
  error: z.string().nullable(),
  targets: z.array(z.object({ provider: z.string(), model: z.string() })),
});

/** Older routers have the list that clients read only, or none at all. */
async function listed(router: RemoteRouter): Promise<ListedModel[]> {
  const ours = await unlessClosed(router.get("/router/models", modelsSchema));
  if (ours) return ours.models.map(listedModel);
  const theirs = await unlessAbsent(router.get("/v1/models", idsSchema));
  return (theirs?.data ?? []).map(({ id }) => ({ name: id }));
}

function listedModel({
  id,
  capabilities,
  context_window,
}: z.infer<typeof modelsSchema>["models"][number]): ListedModel {
  return { name: id, capabilities: capabilities ?? undefined, contextWindow: context_window ?? undefined };
}

/** Whether the agent's own models get anywhere: some rule takes their names, and its provider has them, or takes any name. */
async function servesOwn({ ownModels }: Agent, router: RemoteRouter): Promise<boolean> {
  const dry = await dryRun(ownModels.example, router);
  if (dry === undefined) return true;
  const [target] = dry.targets;
  if (target === undefined) return false;
  // A rule or an alias gives it a name of its provider's.
  if (target.model !== ownModels.example) return true;
  const [models, providers] = await Promise.all([
    router.get("/router/models", modelsSchema),
    router.get("/router/providers", providersSchema),
  ]);
  if (providers.providers.find(({ name }) => name === target.provider)?.format === "simulated") return true;
  const names = models.models.flatMap((one) => one.providers).filter(({ provider }) => provider === target.provider);
  return names.length === 0 || names.some(({ model }) => ownModels.pattern.test(model));
}

/** Why no provider would get it, in the router's words. */
async function whyNot(model: string, router: RemoteRouter): Promise<string | undefined> {
  return (await dryRun(model, router))?.error ?? undefined;
}

async function dryRun(model: string, router: RemoteRouter): Promise<z.infer<typeof dryRunSchema> | undefined> {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] });
  const headers = { "content-type": "application/json" };
  const response = await unlessClosed(router.request("/router/route", { method: "POST", body, headers }));
  return response === undefined ? undefined : dryRunSchema.parse(await response.json());
}

/** Where there is an admin key, what is the owner's is closed to clients. */
async function unlessClosed<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await unlessAbsent(asked);
  } catch (cause) {
    if (cause instanceof RemoteError && cause.kind === "unauthorized") return undefined;
    throw cause;
  }
}

async function unlessAbsent<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (cause) {
    if (cause instanceof RemoteError && cause.kind === "absent") return undefined;
    throw cause;
  }
}

/** Names of models that do something else, where nobody says what they can. */
const NO_CHAT =
  /embed|rerank|whisper|transcribe|tts|audio|realtime|speech|image|dall-e|sora|moderation|instruct$|^bge-/i;
const newestFirst = new Intl.Collator("en", { numeric: true });

/** One that can call tools, of the agent's maker if possible, of those the newest by its name; else the first listed. */
function bestOf(models: readonly ListedModel[], { ownModels }: Agent): ListedModel | undefined {
  const chat = models.filter(({ name, capabilities }) => capabilities?.includes("completion") ?? !NO_CHAT.test(name));
  const withTools = chat.filter(({ capabilities }) => capabilities?.includes("tools") ?? true);
  const able = withTools.length > 0 ? withTools : chat;
  const own = able.filter(({ name }) => ownModels.pattern.test(name));
  return own.toSorted((a, b) => newestFirst.compare(b.name, a.name))[0] ?? able[0];
}
