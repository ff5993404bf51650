import { join } from "node:path";
import { Refusal } from "../io.ts";
import type { Host } from "./host.ts";
import type { Manager, ServiceState, Step } from "./manager.ts";
import { commandOfPlist, PLIST_MARK, plistText } from "./plist.ts";
import { SERVICE } from "./spec.ts";

/** launchd on macOS: an agent of the user's session, or a daemon of the machine. */
export function launchd(host: Host, isMachine: boolean): Manager {
  const domain = isMachine ? "system" : `gui/${host.uid}`;
  const target = `${domain}/${SERVICE}`;
  const library = isMachine ? join(host.root, "/Library") : join(host.home, "Library");
  const file = join(library, isMachine ? "LaunchDaemons" : "LaunchAgents", `${SERVICE}.plist`);
  const log = join(library, "Logs", `${SERVICE}.log`);
  const bootout: Step = { command: "launchctl", args: ["bootout", target], mayFail: true };
  return {
    title: isMachine ? "launchd, for the whole machine" : `launchd, of the user ${host.user}`,
    file,
    text: (spec) => plistText(spec, log),
    isOurs: (text) => text.includes(PLIST_MARK),
    commandOf: commandOfPlist,
    check: async () => {
      if (!isMachine || host.uid === 0) return;
      throw new Refusal(1, "--system changes the whole machine: run it with sudo, or leave it out");
    },
    install: (isChanged) => {
      // It knows the file as it was when it was loaded.
      const load: Step = { command: "launchctl", args: ["bootstrap", domain, file] };
      const enable: Step = { command: "launchctl", args: ["enable", target] };
      return isChanged ? [bootout, enable, load] : [enable, { ...load, mayFail: true }];
    },
    uninstall: () => ({ before: [bootout], after: [] }),
    state: () => stateOf(host, target),
    hints: async () => [
      ["logs", `tail -f ${shellWord(log)}`],
      ["restart", `launchctl kickstart -k ${target}`],
      ["reload", `launchctl kill HUP ${target} (a changed config is read by itself, too)`],
    ],
  };
}

async function stateOf(host: Host, target: string): Promise<ServiceState> {
  const { code, out } = await host.run("launchctl", ["print", target]);
  if (code !== 0) return { isEnabled: false, isRunning: false, detail: "not loaded" };
  const state = /^\s*state = (.*)$/m.exec(out)?.[1] ?? "unknown";
  const pid = /^\s*pid = (\d+)$/m.exec(out)?.[1];
  const exit = /^\s*last exit code = (.*)$/m.exec(out)?.[1];
  const facts = pid !== undefined ? [`pid ${pid}`] : exit !== undefined ? [`last exit code ${exit}`] : [];
  const detail = facts.length === 0 ? state : `${state} (${facts.join(", ")})`;
  return { isEnabled: true, isRunning: state === "running", detail };
}

function shellWord(path: string): string {
  return /^[\w/.-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
