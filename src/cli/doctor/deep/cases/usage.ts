import type { ChatResponse } from "../../../../core/response.ts";
import type { DeepCase, Earlier, Verdict } from "../deep-case.ts";
import { good, poor } from "../deep-case.ts";

/** Whether the provider says how many tokens it used: looks at what the cases before heard. */
export const usage: DeepCase = {
  name: "usage",
  outlook: undefined,
  usualOutput: 0,
  run: async ({ earlier }) => ({ check: "usage", ...verdictOn(earlier) }),
};

function verdictOn({ whole, streamed }: Earlier): Verdict {
  if (!whole && !streamed) return { state: "skipped", text: "no answer came that could tell it" };
  const todo = "tokens and costs are estimated where it is missing";
  const isTold = (response: ChatResponse | undefined) => response === undefined || (response.usage?.output ?? 0) > 0;
  if (isTold(whole) && isTold(streamed)) return good("tokens are reported");
  if (isTold(whole)) return poor("tokens are not reported in streams", todo);
  return isTold(streamed) ? poor("tokens are reported in streams only", todo) : poor("tokens are not reported", todo);
}
