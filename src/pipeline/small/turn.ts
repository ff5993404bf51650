import type { Limiter, Slot } from "../../resilience/limiter.ts";
import type { Provider } from "../../upstream/provider.ts";
import { JsonFailure } from "../../upstream/transports.ts";

/** Waits for leave to ask a provider; undefined where nothing limits it. Rejects with a `JsonFailure`. */
export function turnAt(
  limiter: Limiter,
  provider: Provider,
  model: string,
  signal: AbortSignal,
): Promise<Slot | undefined> {
  if (!limiter.limits(provider)) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const over = () => signal.removeEventListener("abort", gone);
    const gone = () => {
      over();
      ticket.cancel();
      reject(new JsonFailure({ kind: "client-gone", message: "nobody waits for the answer any more" }));
    };
    signal.addEventListener("abort", gone);
    const ticket = limiter.ask(provider, model, {
      granted: (slot) => {
        over();
        resolve(slot);
      },
      refused: (failure) => {
        over();
        reject(new JsonFailure(failure));
      },
    });
  });
}
