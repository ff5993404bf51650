import { isObject, type JsonObject, tryParseJson } from "../../../src/core/json.ts";

/** What a line of the chat says that begins with a colon. */
export type ChatCommand =
  | { readonly does: "model"; readonly name: string }
  | { readonly does: "plugin"; readonly id: string; readonly settings: JsonObject | undefined }
  | { readonly does: "system"; readonly text: string }
  | { readonly does: "clear" | "help" | "quit" }
  | { readonly does: "refuse"; readonly why: string };

export const COMMANDS: readonly (readonly [name: string, operands: string, does: string])[] = [
  ["model", "NAME", "asks that model from now on; Tab completes"],
  ["system", "TEXT", "sets the system prompt; without TEXT there is none"],
  ["plugin", "ID [JSON]", "asks for a plugin with each message, with settings of its own"],
  ["plugin", "ID off", "no longer"],
  ["clear", "", "begins a new conversation"],
  ["help", "", "shows these"],
  ["quit", "", "leaves"],
];

/** Undefined: it is a message. Two colons at its beginning stand for one that is meant. */
export function commandOf(text: string): ChatCommand | undefined {
  if (!text.startsWith(":") || text.startsWith("::")) return undefined;
  const [, word = "", rest = ""] = /^:(\S*)\s*(.*)$/s.exec(text.trim()) ?? [];
  switch (word) {
    case "model":
      return rest === "" ? refusal(":model needs a name, like :model gpt-5.5") : { does: "model", name: rest };
    case "plugin":
      return pluginOf(rest);
    case "system":
      return { does: "system", text: rest };
    case "clear":
    case "help":
      return { does: word };
    case "quit":
    case "q":
      return { does: "quit" };
    default:
      return refusal(`there is no command :${word}; :help shows those there are`);
  }
}

/** What is sent: without the colon that was doubled. */
export function messageOf(text: string): string {
  return text.startsWith("::") ? text.slice(1) : text;
}

function pluginOf(rest: string): ChatCommand {
  const [, id = "", settings = ""] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  if (id === "") return refusal(":plugin needs an id, like :plugin web");
  if (settings === "off") return { does: "plugin", id, settings: undefined };
  if (settings === "") return { does: "plugin", id, settings: {} };
  const parsed = tryParseJson(settings);
  if (!isObject(parsed))
    return refusal(`the settings of ${id} must be a JSON object, like {"max_results": 3}, or "off"`);
  return { does: "plugin", id, settings: parsed };
}

function refusal(why: string): ChatCommand {
  return { does: "refuse", why };
}

/** What `:model x` may become: names that begin so, then names that have it in them. */
export function completions(text: string, models: readonly string[]): string[] {
  const typed = /^:model\s+(\S*)$/.exec(text)?.[1]?.toLowerCase();
  if (typed === undefined) return [];
  const begins = models.filter((name) => name.toLowerCase().startsWith(typed));
  const within = models.filter((name) => !begins.includes(name) && name.toLowerCase().includes(typed));
  return [...begins, ...within];
}
