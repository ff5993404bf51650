import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";

/** What keeps somebody from using the page: one line for each rule broken and element that breaks it. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // By the debugger: the page's own CSP allows no script that is not the router's.
  const session = await page.context().newCDPSession(page);
  try {
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
      expression: `${axe.source}; axe.run(document, { resultTypes: ["violations"] })`,
      awaitPromise: true,
      returnByValue: true,
      allowUnsafeEvalBlockedByCSP: true,
    });
    if (exceptionDetails) throw new Error(`axe did not run: ${exceptionDetails.exception?.description}`);
    const { violations }: AxeResults = result.value;
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, help, nodes }) => nodes.map((node) => `${id} (${help}): ${node.html}\n${node.failureSummary}`));
  } finally {
    await session.detach();
  }
}
