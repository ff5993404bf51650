import type { Browser, BrowserContext, ConsoleMessage, Page, Request } from "playwright-core";
import type { Cleanup } from "../in-process.ts";

export interface PageOptions {
  /** CSS pixels. */
  width?: number;
  height?: number;
  theme?: "light" | "dark";
  reducedMotion?: boolean;
  /** Console errors that belong to the test, such as a connection it breaks itself. */
  expected?: RegExp;
}

/** A page that everything is written down of that no page of ours may do. */
export interface WatchedPage {
  page: Page;
  /** Console errors, uncaught exceptions, dialogs, breaches of the CSP, requests to another origin; none in a good page. */
  faults: string[];
  /** Everything it asked for. */
  requests: Request[];
}

/** Told before any script of the page runs, so that a breach by its HTML is seen as well. */
const REPORT_BREACHES = `addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP: " + event.violatedDirective + " refused " + (event.blockedURI || "something inline")));`;

/** Opens a page in a profile of its own, closed when the test ends. `origin` is the only one it may ask. */
export async function openPage(
  test: Cleanup,
  browser: Browser,
  origin: string,
  options: PageOptions = {},
): Promise<WatchedPage> {
  const context = await newContext(browser, options);
  test.after(() => context.close());
  const page = await context.newPage();
  const watched: WatchedPage = { page, faults: [], requests: [] };
  const { faults, requests } = watched;
  page.on("console", (message) => {
    const fault = faultOf(message);
    if (fault !== undefined && !options.expected?.test(fault)) faults.push(fault);
  });
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    // The page may be gone by now; the fault is written down.
    dialog.dismiss().catch(() => undefined);
  });
  page.on("request", (request) => {
    requests.push(request);
    const url = new URL(request.url());
    if (url.origin !== new URL(origin).origin && url.protocol !== "data:" && url.protocol !== "blob:")
      faults.push(`asked another origin: ${request.url()}`);
  });
  return watched;
}

async function newContext(browser: Browser, options: PageOptions): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    colorScheme: options.theme ?? "light",
    reducedMotion: options.reducedMotion ? "reduce" : "no-preference",
    locale: "en-GB",
    timezoneId: "UTC",
  });
  context.setDefaultTimeout(15_000);
  await context.addInitScript(REPORT_BREACHES);
  return context;
}

function faultOf(message: ConsoleMessage): string | undefined {
  if (message.type() !== "error") return undefined;
  const { url } = message.location();
  return `console: ${message.text()}${url === "" ? "" : ` (${url})`}`;
}
