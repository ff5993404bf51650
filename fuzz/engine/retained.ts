import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What a thousand runs leave behind in memory, in MB. */
export function retainedMb(run: () => void): number {
  const collect = collector();
  // What is set up once has to be there before.
  for (let count = 0; count < 200; count++) run();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let count = 0; count < 1000; count++) run();
  collect();
  return Math.round((process.memoryUsage().heapUsed - before) / 1e6);
}

function collector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("this Node has no gc()");
  return () => void collect();
}
