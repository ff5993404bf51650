import { parentPort, workerData } from "node:worker_threads";
import { convert } from "html-to-text";

/** The thread that reads one page: `page-thread.ts` starts it, and ends it when it takes too long. */
const port = parentPort;
if (!port) throw new Error("this is the thread for web pages: it is started by the router");

/** What is on a page besides its words. */
const NOT_TEXT = ["img", "nav", "header", "footer", "aside", "form", "script", "style", "svg", "noscript"];

port.postMessage(
  convert(String(workerData), {
    wordwrap: false,
    baseElements: { selectors: ["main"], returnDomByDefault: true },
    limits: { maxBaseElements: 1, maxDepth: 60, maxChildNodes: 5_000, ellipsis: "" },
    selectors: [
      { selector: "a", options: { ignoreHref: true } },
      ...NOT_TEXT.map((selector) => ({ selector, format: "skip" })),
    ],
  }),
);
