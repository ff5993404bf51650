import type { Target } from "../engine/target.ts";
import { ANSWERS } from "./answers.ts";
import { CONFIG } from "./config.ts";
import { FRAMING } from "./framing.ts";
import { REQUEST_HEAD } from "./heads.ts";
import { HTTP } from "./http.ts";
import { LOG } from "./log.ts";
import { MORE_REQUESTS } from "./more-requests.ts";
import { REQUESTS } from "./requests.ts";
import { TEXTS } from "./texts.ts";

/** Whatever reads what comes from outside. */
export const TARGETS: readonly Target[] = [
  ...REQUESTS,
  ...MORE_REQUESTS,
  ...ANSWERS,
  ...FRAMING,
  REQUEST_HEAD,
  HTTP,
  CONFIG,
  ...TEXTS,
  ...LOG,
];

export function targetNamed(name: string): Target {
  const target = TARGETS.find((one) => one.name === name);
  if (!target) throw new Error(`no target ${name}`);
  return target;
}
