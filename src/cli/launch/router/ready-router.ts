import { terminalLine } from "../../../core/terminal-text.ts";
import { type Io, Refusal } from "../../io.ts";
import { hasConfigHere, type WhichRouter } from "../../which-router.ts";
import { startInBackground } from "./background.ts";
import { findRouter } from "./find-router.ts";

/** Makes sure that a router answers there, and starts one where it may. Throws `Refusal` when there is none to be had. */
export async function readyRouter({ base, from }: WhichRouter, io: Io): Promise<void> {
  const found = await findRouter(base);
  if (found.what === "router") return;
  if (found.what === "other") throw new Refusal(1, otherText(base, found.reason, from === "named"));
  if (from === "named") {
    throw new Refusal(
      1,
      `no router answers at ${base} (${found.reason}): start one there, or leave out --url, and one is started here`,
    );
  }
  if (new URL(base).port === "0") {
    throw new Refusal(1, "config.toml says port = 0, so that nobody can know the router's address: give it a port");
  }
  io.err(`no router at ${base}: starting one …`);
  const started = await startInBackground({ base, hasConfig: hasConfigHere(), env: io.env });
  if (started === undefined) {
    io.err(`router ready at ${base}: somebody else started it just now`);
    return;
  }
  const { pid, log, isSimulated } = started;
  io.err(`router ready at ${base}: pid ${pid}, log ${log}, to stop it: kill ${pid}`);
  if (!isSimulated) return;
  io.err("It found no provider's key and no local model server, so its answers are simulated: see the log.");
}

function otherText(base: string, reason: string, isNamed: boolean): string {
  const remedy = isNamed
    ? "check --url"
    : "stop what listens there, choose another [server] port in config.toml, or name the router with --url";
  return `what answers at ${base} is no router (${terminalLine(reason)}): ${remedy}`;
}
