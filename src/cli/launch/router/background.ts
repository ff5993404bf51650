import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Env } from "../../../config/check/providers.ts";
import { terminalText } from "../../../core/terminal-text.ts";
import { Refusal } from "../../io.ts";
import { stateFolder } from "../place.ts";
import { findRouter } from "./find-router.ts";

/** A busy machine takes some seconds to start it. */
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** A router that runs on its own. */
export interface Background {
  readonly pid: number;
  readonly log: string;
  /** It found no provider, and answers by itself. */
  readonly isSimulated: boolean;
}

export interface StartOptions {
  readonly base: string;
  /** With the `config.toml` here, else with what is found. */
  readonly hasConfig: boolean;
  readonly env: Env;
}

/**
 * Starts a router that outlives this process and its terminal, and waits until it listens. Undefined: another one was there
 * first, and answers. Throws `Refusal` with the router's own words when it does not come up.
 */
export async function startInBackground({ base, hasConfig, env }: StartOptions): Promise<Background | undefined> {
  const state = stateFolder(env);
  // Its own until it listens: of two that start at once, each says what it has to say in a file of its own.
  const draft = join(state, `router-${process.pid}.log`);
  const file = openSync(draft, "w", 0o600);
  const child = spawn(process.execPath, [process.argv[1] ?? "", ...(hasConfig ? ["config.toml"] : [])], {
    // One without a config belongs to no project: it must not take up what is later written there.
    cwd: hasConfig ? process.cwd() : state,
    env,
    stdio: ["ignore", file, file],
    detached: true,
  });
  closeSync(file);
  const words = () => readFileSync(draft, "utf8");
  const outcome = await outcomeOf(child, words);
  if (outcome === "listens") {
    const log = join(state, `router-${new URL(base).port || "80"}.log`);
    renameSync(draft, log);
    child.unref();
    return { pid: child.pid ?? 0, log, isSimulated: readFileSync(log, "utf8").includes("SIMULATED") };
  }
  const said = terminalText(words()).trim();
  rmSync(draft);
  if (outcome === "ended" && (await findRouter(base)).what === "router") return undefined;
  throw new Refusal(1, `could not start a router for ${base} (it ${outcome}). It said:\n${said || "nothing"}`);
}

async function outcomeOf(
  child: ChildProcess,
  words: () => string,
): Promise<"listens" | "ended" | "did not listen in time"> {
  let hasEnded = false;
  const ended = () => {
    hasEnded = true;
  };
  child.once("exit", ended).once("error", ended);
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    // The last line it prints when it starts, whichever format its log has.
    if (/^ {2}listening {2}|"listening"/m.test(words())) return "listens";
    if (hasEnded) return "ended";
    await sleep(LOOK_EVERY_MS);
  }
  child.kill("SIGKILL");
  return "did not listen in time";
}
