import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";

type Heard = Parameters<LookupFunction>[2];

/**
 * Asks for the addresses of a host once for all connections that want them at the same time. Node looks up two names at a time
 * (threads of libuv): a hundred connections to a name that gets no answer would keep all other names waiting.
 */
export function sharedLookup(lookup: LookupFunction): LookupFunction {
  const waiting = new Map<string, Heard[]>();
  return (hostname, options, callback) => {
    const key = `${hostname} ${options.family} ${options.all} ${options.hints}`;
    const others = waiting.get(key);
    if (others) {
      others.push(callback);
      return;
    }
    const callbacks = [callback];
    waiting.set(key, callbacks);
    lookup(
      hostname,
      options,
      (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => {
        waiting.delete(key);
        for (const heard of callbacks) heard(error, address, family);
      },
    );
  };
}
