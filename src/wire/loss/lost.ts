import type { AnswerContext } from "../format.ts";

/** Tells that something of an answer has no place in the client's API. */
export type Lost = (what: string) => void;

/** Of each kind of thing once, however often an answer has it. */
export function tellOnce(context: AnswerContext): Lost {
  const told = new Set<string>();
  return (what) => {
    if (!told.has(what)) context.lost(what, "dropped");
    told.add(what);
  };
}
