import type { JsonObject } from "../core/json.ts";
import type { Losses } from "../core/loss.ts";
import { textOf } from "../core/part.ts";
import type { Message } from "../core/request.ts";

/** What a model is told that takes no beginning of its answer (prefill). */
export const CONTINUE = "Continue your last message exactly where it stops, without repeating any of it.";

/** One turn on its way into a request. The API's own blocks, or parts that become such. */
export interface Turn<Role extends string, Block> {
  role: Role | "user";
  content: Block[];
  /** Keys beside role and content: such a turn stays for itself. */
  extra?: JsonObject;
}

/** What has to be known of an API's blocks. */
export interface BlockWords<Block> {
  callId(block: Block): string | undefined;
  resultId(block: Block): string | undefined;
  /** What the user says where he has to say something. */
  filler: Block;
}

/**
 * Turns in the order that strict APIs want: no two of one role behind another, results first in their turn and in the order of
 * their calls (older models know them apart only by it), and the user begins.
 */
export function joinTurns<Role extends string, Block>(
  written: Iterable<Turn<Role, Block>>,
  words: BlockWords<Block>,
  losses: Losses,
): Turn<Role, Block>[] {
  const turns: Turn<Role, Block>[] = [];
  for (const turn of written) addTurn(turns, turn);
  turns.forEach((turn, at) => {
    if (turn.role === "user") turn.content = resultsFirst(turn.content, turns[at - 1]?.content ?? [], words);
  });
  openWithUser(turns, words.filler, losses);
  return turns;
}

function addTurn<Role extends string, Block>(turns: Turn<Role, Block>[], turn: Turn<Role, Block>): void {
  if (turn.content.length === 0 && !turn.extra) return;
  const last = turns.at(-1);
  if (last?.role === turn.role && !last.extra && !turn.extra) last.content.push(...turn.content);
  else turns.push(turn);
}

function resultsFirst<Block>(content: Block[], before: readonly Block[], words: BlockWords<Block>): Block[] {
  const places = new Map<string, number>();
  for (const [at, block] of before.entries()) {
    const id = words.callId(block);
    if (id !== undefined && !places.has(id)) places.set(id, at);
  }
  const place = (block: Block) => {
    const id = words.resultId(block);
    return id === undefined ? before.length : (places.get(id) ?? -1);
  };
  return content.toSorted((first, second) => place(first) - place(second));
}

function openWithUser<Role extends string, Block>(turns: Turn<Role, Block>[], filler: Block, losses: Losses): void {
  const first = turns.findIndex((turn) => turn.role !== "system");
  if (turns[first]?.role === "user") return;
  turns.splice(first === -1 ? turns.length : first, 0, { role: "user", content: [filler] });
  losses.changed("messages", "user turn inserted before the first");
}

/** A system message in mid-conversation, for models that know none there; undefined when it says nothing. */
export function reminderOf(message: Message): string | undefined {
  const text = textOf(message.parts, "\n\n").toWellFormed();
  return text === "" ? undefined : `<system-reminder>\n${text}\n</system-reminder>`;
}
