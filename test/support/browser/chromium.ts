import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { type Browser, chromium } from "playwright-core";

/**
 * Headless Chromium, the machine's own: `CHROMIUM` names the program where it is not Debian's. `args` are added to its command line.
 * Throws when there is none.
 */
export async function launchChromium(args: string[] = []): Promise<Browser> {
  const program = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  if (!existsSync(program)) {
    throw new Error(
      `no Chromium at ${program}: install it (apt-get install chromium) or set CHROMIUM to the program's path`,
    );
  }
  // Nothing of this process's environment reaches the browser: a proxy named there would see what it asks.
  return chromium.launch({ executablePath: program, args, env: { PATH: process.env["PATH"] ?? "", HOME: tmpdir() } });
}
