import type { Locator } from "playwright-core";
import { until } from "../until.ts";

/** Ticks a box. What comes late moves the page on a busy machine, and a click may miss: whoever sees that clicks again. */
export async function tick(box: Locator): Promise<void> {
  await box.waitFor();
  await until(async () => {
    if (!(await box.isChecked())) await box.click();
    return await box.isChecked();
  }, "the box to be ticked");
}
