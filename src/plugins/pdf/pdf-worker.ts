import { parentPort } from "node:worker_threads";
import type { FromWorker, ToWorker } from "./messages.ts";
import { load, readPdf } from "./read-pdf.ts";

/** The thread that reads PDFs: `pdf-reader.ts` starts it, and ends it when a file takes too long. */
const port = parentPort;
if (!port) throw new Error("this is the PDF thread: it is started by the router");
const tell = (message: FromWorker) => port.postMessage(message);
port.on("message", async ({ number, data, maxPages }: ToWorker) => {
  // Of their own memory: the library takes the buffer over, and small ones share theirs with others.
  const bytes = Uint8Array.from(Buffer.from(data, "base64"));
  tell({ type: "read", number, reading: await readPdf(bytes, maxPages) });
});
await load();
tell({ type: "ready" });
