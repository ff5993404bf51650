import type { Losses } from "../../../../core/loss.ts";
import type { Part } from "../../../../core/part.ts";
import type { ChatRequest } from "../../../../core/request.ts";
import type { Turn as JoinedTurn } from "../../../turns.ts";
import type { ModelRules } from "../../model-rules.ts";

/** What all writers of one request body share. */
export interface Draft {
  readonly request: ChatRequest;
  readonly rules: ModelRules;
  readonly losses: Losses;
}

/** A part and where the client put it: `messages[1].content[0]`. */
export interface Entry {
  readonly part: Part;
  readonly field: string;
}

/** One entry of `contents`, before its parts are written. */
export type Turn = JoinedTurn<"model", Entry>;
