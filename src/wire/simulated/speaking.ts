import { Losses } from "../../core/loss.ts";
import type { ProviderHalf } from "../format.ts";
import { simulatedProvider } from "./provider.ts";
import { SIMULATED_SUPPORT } from "./support.ts";

const SPEAKING = new WeakMap<ProviderHalf, ProviderHalf>();

/** The built-in provider, as if it were one of another API: what that cannot express is lost. One object for each API. */
export function simulatedSpeaking(other: ProviderHalf): ProviderHalf {
  const known = SPEAKING.get(other);
  if (known) return known;
  const half: ProviderHalf = {
    ...simulatedProvider,
    support: other.support,
    writeRequest(request, target, losses) {
      // For what gets lost alone: it is told the rest in the router's own words.
      other.writeRequest(request, target, losses);
      const own = new Losses(SIMULATED_SUPPORT);
      const body = simulatedProvider.writeRequest(request, target, own);
      losses.list.push(...own.list.filter(({ field }) => !losses.list.some((loss) => loss.field === field)));
      return body;
    },
  };
  SPEAKING.set(other, half);
  return half;
}
