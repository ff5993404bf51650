import { z } from "zod";
import { globs } from "../../core/glob.ts";
import type { CacheMark, Part } from "../../core/part.ts";
import { definePlugin } from "../define.ts";
import type { PluginExchange } from "../plugin.ts";
import { TextFile } from "./text-file.ts";

const names = z.array(z.string().min(1)).min(1).optional();

const rule = z
  .strictObject({
    models: names.describe("Models as the client names them; `*` and `?` stand for what may differ. Omitted: all."),
    tags: names.describe("Tags of classifiers, of which the request has one. Omitted: any or none."),
    clients: names.describe(
      "Programs (`claude-code`, `codex`, …) or APIs (`openai`, `anthropic`, …) that ask. Omitted: all.",
    ),
    action: z
      .enum(["prepend", "append", "replace"])
      .default("append")
      .describe("What is done with the text: before the client's own system prompt, behind it, or in its place."),
    text: z.string().min(1).optional().describe("What is said."),
    file: z
      .string()
      .min(1)
      .optional()
      .describe("A file that says it instead, from the folder the router is started in."),
  })
  .refine(({ text, file }) => (text === undefined) !== (file === undefined), "needs either `text` or `file`");
type Rule = z.output<typeof rule>;

interface ReadyRule {
  action: Rule["action"];
  text(): string;
  takes(exchange: Pick<PluginExchange, "request" | "tags" | "client">): boolean;
}

/** Adds to the system prompts of clients, or puts another in their place. */
export const systemPrompt = definePlugin({
  name: "system-prompt",
  schema: z.strictObject({
    rules: z.array(rule).default([]).describe("What is said to whom: all that apply, in their order."),
  }),
  ownerOnly: ["rules"],
  create({ rules }, { log }) {
    const ready = rules.map((one) => readyRule(one, (message) => log("warn", `plugin system-prompt: ${message}`)));
    return {
      pre_request(exchange) {
        const applying = ready.filter((one) => one.takes(exchange));
        if (applying.length === 0) return "continue";
        for (const { action, text } of applying)
          exchange.request.system = changed(exchange.request.system, action, text());
        return "modified";
      },
    };
  },
});

function readyRule({ models, tags, clients, action, text, file }: Rule, warn: (message: string) => void): ReadyRule {
  const isModel = models && globs(models);
  const isClient = clients && globs(clients);
  const read = file === undefined ? undefined : new TextFile(file, warn);
  return {
    action,
    text: () => read?.text() ?? text ?? "",
    takes: ({ request, tags: given, client }) =>
      (isModel?.(request.model) ?? true) &&
      (tags?.some((tag) => given.has(tag)) ?? true) &&
      (isClient ? isClient(client.dialect) || (client.agent !== undefined && isClient(client.agent)) : true),
  };
}

/** Blocks that are there stay as they are, with their cache marks: what a client has marked goes on being found in the cache. */
function changed(system: readonly Part[], action: Rule["action"], text: string): Part[] {
  const added: Part = { type: "text", text };
  if (action === "replace") {
    const mark = system.findLast((part) => cacheOf(part));
    const cache = mark && cacheOf(mark);
    return [cache ? { ...added, cache } : added];
  }
  const [only] = system;
  // Most clients write a single text, and many servers take no other.
  if (system.length === 1 && only?.type === "text" && !only.cache && !only.raw) {
    const both = action === "prepend" ? [text, only.text] : [only.text, text];
    return [{ ...only, text: both.join("\n\n") }];
  }
  return action === "prepend" ? [added, ...system] : [...system, added];
}

function cacheOf(part: Part): CacheMark | undefined {
  return "cache" in part ? part.cache : undefined;
}
