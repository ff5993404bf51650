import { existsSync, readFileSync } from "node:fs";
import { dryRunSchema } from "../../api/routing.ts";
import { isObject, tryParseJson } from "../../core/json.ts";
import { escapedControls } from "../../core/terminal-text.ts";
import { RemoteError, type RemoteRouter } from "../../remote/remote-router.ts";
import { hasColours } from "../colours.ts";
import { type Io, Refusal } from "../io.ts";
import { DEFAULT_CONFIG } from "../open-config.ts";
import { ownRouter } from "../which-router.ts";
import { type ExplainArgs, existing } from "./args.ts";
import { bodyOf } from "./clients.ts";
import { explainedRun } from "./explained.ts";
import { type ExplainLook, linesOfExplained } from "./lines.ts";
import type { Asking } from "./offline.ts";

/** Of a line that goes elsewhere than to a terminal. */
const WIDTH_ELSEWHERE = 100;

/** `explain`: where a request would go and why, or why a past one went where it did. */
export async function explain(args: ExplainArgs, io: Io): Promise<number> {
  if (args.id !== undefined) {
    const { explainPast } = await import("./past.ts");
    return explainPast(args.id, args, lookOf(io), io);
  }
  const asking = askingOf(args);
  const { run, notes } = await ask(args, asking, io);
  if (args.json) io.out(escapedControls(JSON.stringify(run, undefined, 2)));
  else io.out(linesOfExplained(explainedRun(run, notes), lookOf(io)).join("\n"), "painted");
  return 0;
}

function askingOf({ model, prompt, body: file, client = "openai" }: ExplainArgs): Asking {
  if ((prompt === undefined) === (file === undefined)) {
    throw new Refusal(2, `"explain" needs one of them: --prompt TEXT (with --model), --body FILE, or --id ID`);
  }
  if (prompt !== undefined) {
    if (model === undefined) throw new Refusal(2, "--prompt needs --model: which model the client would ask for");
    return { client, model, body: JSON.stringify(bodyOf(client, model, prompt)) };
  }
  const text = textOf(file ?? "-");
  const body = tryParseJson(text);
  if (model === undefined || client === "gemini" || !isObject(body)) return { client, model, body: text };
  return { client, model, body: JSON.stringify({ ...body, model }) };
}

function textOf(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (cause) {
    throw new Refusal(2, `--body ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** Asks the router that runs, else the config. */
async function ask(args: ExplainArgs, asking: Asking, io: Io) {
  const { explainOffline } = await import("./offline.ts");
  if (args.config !== undefined) {
    return { run: await explainOffline(existing(args.config), asking, io), notes: [alone(args.config)] };
  }
  const router = await ownRouter(args.url, args.keyEnv, io);
  try {
    return { run: await askRouter(router, asking), notes: [] };
  } catch (cause) {
    if (!(cause instanceof RemoteError)) throw cause;
    const isThere = cause.kind !== "unreachable" || args.url !== undefined;
    if (isThere || !existsSync(DEFAULT_CONFIG)) throw new Refusal(1, cause.message);
    const notes = [`No router answers at ${router.base}. ${alone(DEFAULT_CONFIG)}`];
    return { run: await explainOffline(DEFAULT_CONFIG, asking, io), notes };
  }
}

function alone(config: string): string {
  return `Decided here by ${config} alone: what a running router has measured, who fails, which models providers list and where conversations are is not known.`;
}

async function askRouter(router: RemoteRouter, { client, model, body }: Asking) {
  const query = new URLSearchParams({ client, ...(client === "gemini" && model !== undefined && { model }) });
  const response = await router.request(`/router/route?${query}`, { method: "POST", body });
  const read = dryRunSchema.safeParse(tryParseJson(await response.text()));
  if (read.success) return read.data;
  throw new RemoteError("strange", `the router at ${router.base} does not answer as one of this version would`);
}

function lookOf({ env, isTerminal }: Io): ExplainLook {
  const isOut = isTerminal?.out === true;
  return { colours: hasColours(env, isOut), width: isOut ? (process.stdout.columns ?? 80) : WIDTH_ELSEWHERE };
}
