import { parentPort, workerData } from "node:worker_threads";
import { Keeper } from "./keeper.ts";
import type { FromWorker, Source, ToWorker } from "./messages.ts";

/** The store's thread: `worker-store.ts` starts it. */
const port = parentPort;
if (!port) throw new Error("this is the store's worker: it is started by the router");
const source: Source = workerData;
const keeper = new Keeper(source, (message: FromWorker) => port.postMessage(message));
port.on("message", (message: ToWorker) => {
  switch (message.type) {
    case "ask":
      return keeper.ask(message.number, message.question);
    case "lines":
      return keeper.take(message.lines);
    case "close":
      keeper.close();
      return port.close();
  }
});
