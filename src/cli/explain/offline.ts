import type { DryRun } from "../../api/routing.ts";
import { serverSchema } from "../../config/server.ts";
import { systemClock } from "../../core/clock.ts";
import { RouterError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { terminalLine } from "../../core/terminal-text.ts";
import { dryRunAnswer, pathOf } from "../../server/endpoints/router/dry-run.ts";
import { Lasting } from "../../server/lasting.ts";
import { parseBody } from "../../server/read-body.ts";
import { buildDispatch } from "../../server/version.ts";
import { type Io, Refusal } from "../io.ts";
import { KINDS } from "../kinds.ts";
import { Modules } from "../modules/modules.ts";
import { openConfig } from "../open-config.ts";
import { buildParts } from "../parts.ts";
import { probe } from "../probe.ts";
import type { ExplainClient } from "./clients.ts";

/** What a request is asked with. */
export interface Asking {
  readonly client: ExplainClient;
  /** For APIs whose bodies do not name it. */
  readonly model: string | undefined;
  readonly body: string;
}

/** Where a request would go by a config alone. Nothing is sent, written or remembered. */
export async function explainOffline(file: string, { client, model, body }: Asking, io: Io): Promise<DryRun> {
  const modules = new Modules({ clock: systemClock });
  const { config, dotEnv, foreign } = await openConfig(file, { kinds: KINDS, env: io.env, probe, modules });
  const log: Log = (level, message) => {
    if (level === "warn" || level === "error") io.err(terminalLine(`${level}: ${message}`));
  };
  const still = {
    ...config,
    logging: { ...config.logging, enabled: false },
    // Its clients' keys are not needed: nobody asks it but us.
    server: serverSchema.parse({}),
    telemetry: { ...config.telemetry, enabled: false },
  };
  const parts = buildParts(still, dotEnv.env, { random: Math.random, programLog: log, foreign });
  const tools = { clock: systemClock, random: Math.random, log, recorder: () => parts.recorder };
  const lasting = new Lasting(still, tools);
  try {
    await parts.pricing.load(parts.fleet.all());
    const called = { req: { headers: {} }, path: "", search: new URLSearchParams(), key: undefined };
    const path = pathOf({ client, model });
    return await dryRunAnswer(parseBody(Buffer.from(body)), client, path, called, buildDispatch(1, parts, lasting));
  } catch (error) {
    if (error instanceof RouterError) throw new Refusal(2, error.message);
    throw error;
  } finally {
    await Promise.all([lasting.transports.close(), parts.stages.close(undefined)]);
  }
}
