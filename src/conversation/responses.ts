import { asArray, asString, type Json, type JsonObject, objectsOf, tryParseJson } from "../core/json.ts";
import { asInput, inputItems, referenceOf, writtenOut } from "../wire/openai-responses/stored.ts";
import type { BoundedMemory } from "./memory.ts";
import { type Client, digest } from "./owner.ts";
import type { Origin, Remembered, RememberedResponse } from "./remembered.ts";

/** An answer as it was given, with what was asked for it. */
export interface StoredResponse {
  response: JsonObject;
  /** All items of the conversation up to it, the oldest first. */
  input: Json[];
}

/** Longer chains of answers are refused, as if forgotten. */
const MAX_CHAIN = 1000;

/**
 * Answers for clients of OpenAI's Responses, who go on from one by its id instead of sending the conversation again. Each holds
 * what was new in its turn and the id of the one before, so a conversation is not kept once for each turn. What an
 * openai-responses provider keeps itself is only known by who keeps it.
 */
export class ResponseMemory {
  readonly #memory: BoundedMemory<Remembered>;

  constructor(memory: BoundedMemory<Remembered>) {
    this.#memory = memory;
  }

  /** `body`: what the client sent. `response`: what it got. */
  remember(client: Client, body: JsonObject, response: JsonObject): void {
    const id = asString(response["id"]);
    if (id === undefined || id === "") return;
    const input = JSON.stringify(inputItems(body["input"]).map((item) => this.#resolved(client, item)));
    const text = JSON.stringify(response);
    const previous = asString(body["previous_response_id"]);
    const entry: RememberedResponse = { kind: "response", input, response: text, ...(previous && { previous }) };
    this.#memory.set(keyOf(client, id), entry, 2 * (input.length + text.length));
    for (const item of objectsOf(response["output"])) {
      const itemId = asString(item["id"]);
      if (itemId) this.#memory.set(itemKeyOf(client, itemId), { kind: "item", response: id }, id.length);
    }
  }

  /** The provider keeps the answer itself. */
  rememberKeeper(client: Client, id: string, origin: Origin): void {
    if (id !== "") this.#memory.set(keyOf(client, id), { kind: "kept", origin }, 0);
  }

  /** Whether anything is known of it here. */
  knows(client: Client, id: string): boolean {
    return this.#memory.get(keyOf(client, id)) !== undefined;
  }

  /** Who keeps the answer the body goes on from. */
  keeper(client: Client, body: JsonObject): Origin | undefined {
    const previous = asString(body["previous_response_id"]);
    return previous === undefined ? undefined : this.keeperOf(client, previous);
  }

  keeperOf(client: Client, id: string): Origin | undefined {
    const found = this.#memory.get(keyOf(client, id));
    return found?.kind === "kept" ? found.origin : undefined;
  }

  /** The body with the earlier answers and items it points at written out; undefined when there is none that is known here. */
  expand(client: Client, body: JsonObject): JsonObject | undefined {
    if (this.#memory.size === 0) return undefined;
    const previous = asString(body["previous_response_id"]);
    const own = inputItems(body["input"]);
    if (previous === undefined && !own.some((item) => referenceOf(item) !== undefined)) return undefined;
    const before = previous === undefined ? [] : this.#conversation(client, previous);
    if (!before) return undefined;
    const items = own.map((item) => this.#resolved(client, item));
    if (previous === undefined && items.every((item, index) => item === own[index])) return undefined;
    return writtenOut(body, [...before, ...items]);
  }

  get(client: Client, id: string): StoredResponse | undefined {
    const entry = this.#response(client, id);
    const response = entry && parsed(entry.response);
    if (!entry || !response) return undefined;
    const before = entry.previous === undefined ? [] : (this.#conversation(client, entry.previous) ?? []);
    return { response, input: [...before, ...listed(entry.input)] };
  }

  delete(client: Client, id: string): boolean {
    const entry = this.#response(client, id);
    if (!entry) return false;
    for (const item of objectsOf(parsed(entry.response)?.["output"])) {
      this.#memory.delete(itemKeyOf(client, asString(item["id"]) ?? ""));
    }
    return this.#memory.delete(keyOf(client, id));
  }

  /** Everything said up to the end of an answer; undefined when a link of the chain is gone. */
  #conversation(client: Client, last: string): Json[] | undefined {
    const turns: Json[][] = [];
    let id: string | undefined = last;
    while (id !== undefined) {
      const entry: RememberedResponse | undefined = this.#response(client, id);
      if (!entry || turns.length === MAX_CHAIN) return undefined;
      turns.push([...listed(entry.input), ...asInput(parsed(entry.response)?.["output"])]);
      id = entry.previous;
    }
    return turns.reverse().flat();
  }

  #resolved(client: Client, item: Json): Json {
    const reference = referenceOf(item);
    if (reference === undefined) return item;
    const found = this.#memory.get(itemKeyOf(client, reference));
    const entry = found?.kind === "item" ? this.#response(client, found.response) : undefined;
    const output = entry && objectsOf(parsed(entry.response)?.["output"]);
    const original = output?.find(({ id }) => id === reference);
    // Reasoning comes back by itself, with the calls it led to.
    return original ? (asInput([original])[0] ?? { type: "reasoning", summary: [] }) : item;
  }

  #response(client: Client, id: string): RememberedResponse | undefined {
    const found = this.#memory.get(keyOf(client, id));
    return found?.kind === "response" ? found : undefined;
  }
}

function keyOf(client: Client, id: string): string {
  return digest("response", client.owner, id);
}

function itemKeyOf(client: Client, id: string): string {
  return digest("item", client.owner, id);
}

function parsed(text: string): JsonObject | undefined {
  const value = tryParseJson(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
}

function listed(text: string): Json[] {
  return asArray(tryParseJson(text)) ?? [];
}
