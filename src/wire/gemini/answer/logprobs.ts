import { asNumber, asObject, asString, type JsonObject, objectsOf } from "../../../core/json.ts";
import type { TokenChoice, TokenLogprob } from "../../../core/part.ts";

/** A candidate's `logprobsResult`: the tokens chosen in one list, what was likely at the place of each in another. */
export function readLogprobs(candidate: JsonObject): TokenLogprob[] | undefined {
  const result = asObject(candidate["logprobsResult"]);
  const chosen = objectsOf(result?.["chosenCandidates"]);
  if (chosen.length === 0) return undefined;
  const tops = objectsOf(result?.["topCandidates"]);
  return chosen.map((token, at) => ({
    ...readChoice(token),
    top: objectsOf(tops[at]?.["candidates"]).map(readChoice),
  }));
}

function readChoice(choice: JsonObject): TokenChoice {
  return { token: asString(choice["token"]) ?? "", logprob: asNumber(choice["logProbability"]) ?? 0 };
}

/** What of them stands beside the content of a candidate. Google's ids of tokens are its own: there are none to tell. */
export function writeLogprobs(tokens: readonly TokenLogprob[] | undefined): JsonObject {
  if (!tokens) return {};
  return {
    logprobsResult: {
      topCandidates: tokens.map(({ top }) => ({ candidates: top.map(writeChoice) })),
      chosenCandidates: tokens.map(writeChoice),
    },
  };
}

function writeChoice({ token, logprob }: TokenChoice): JsonObject {
  return { token, logProbability: logprob };
}
