import { setTimeout as delay } from "node:timers/promises";
import { Line } from "./line.ts";
import { getOf } from "./requests.ts";

const EVERY_MS = 5;

/** Asks `/health` all the time, on one connection. Returns what ends it and gives how long each answer took, in ms. */
export function watchHealth(url: string): () => Promise<number[]> {
  const took: number[] = [];
  let over = false;
  const line = new Line(url);
  const watching = (async () => {
    while (!over) {
      const { status, sentAt, endedAt } = await line.ask(getOf("/health"));
      took.push(status === 200 ? endedAt - sentAt : Number.POSITIVE_INFINITY);
      await delay(EVERY_MS);
    }
    line.close();
  })();
  return async () => {
    over = true;
    await watching;
    return took;
  };
}
