import { setTimeout as delay } from "node:timers/promises";

/** Waits for a condition, as long as a loaded machine may need; throws naming what it waited for. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, withinMs = 15_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    if (await holds()) return;
    await delay(10);
  }
  throw new Error(`waited in vain for ${what}`);
}
