import { modelList, unlistedNames } from "./model-list.ts";
import { oneRequest } from "./one-request.ts";
import { reach } from "./reach.ts";
import type { ProviderLook, ProviderTools } from "./tools.ts";

/** One provider from its name to its answer, as far as it goes. What is found is in `look` at once. Rejects only for bugs. */
export async function checkProvider(look: ProviderLook, tools: ProviderTools): Promise<void> {
  const { provider, findings } = look;
  const isSimulated = provider.half.dialect === "simulated";
  const isReached = isSimulated || (await reach(provider, tools, (finding) => findings.push(finding)));
  if (isReached && (await modelList(look, tools))) {
    findings.push(...unlistedNames(provider, tools));
    await oneRequest(look, tools);
  }
  look.isDone = true;
}
