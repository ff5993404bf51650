import { ServingWorker } from "./serving-worker.ts";

/** What the primary starts for each worker: src/cli/workers/primary/crew.ts. */
new ServingWorker(process).start();
