import { writeFileSync } from "node:fs";
import { detect } from "../config/detect.ts";
import { configText } from "../config/init-file.ts";
import { type Io, Refusal } from "./io.ts";
import { KINDS } from "./kinds.ts";
import { DEFAULT_CONFIG } from "./open-config.ts";
import { probe } from "./probe.ts";

/** `init [FILE]`: writes a commented config for what is found, for its owner only: people put keys into such files. What is there stays. */
export async function init(named: string | undefined, io: Io): Promise<number> {
  const file = named ?? DEFAULT_CONFIG;
  const detected = await detect({ env: io.env, presets: KINDS.presets, probe });
  try {
    writeFileSync(file, configText(detected), { flag: "wx", mode: 0o600 });
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    if (cause.code === "EEXIST") throw new Refusal(1, `${file} exists and was left as it is; name another file`);
    throw new Refusal(1, `cannot write ${file}: ${cause.message}`);
  }
  for (const { why } of detected.providers) io.out(`found: ${why}`);
  const argument = file === DEFAULT_CONFIG ? "" : ` ${file}`;
  io.out(`wrote ${file}; start with: opensourcellmrouter${argument}`);
  return 0;
}
