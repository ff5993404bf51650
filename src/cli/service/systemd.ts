import { existsSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "../io.ts";
import type { Host } from "./host.ts";
import type { Manager, ServiceState, Step } from "./manager.ts";
import { SERVICE } from "./spec.ts";
import { commandOfUnit, UNIT_MARK, unitText } from "./unit.ts";

const UNIT = `${SERVICE}.service`;

/** systemd: the user's own instance, or the machine's. */
export function systemd(host: Host, isMachine: boolean): Manager {
  const scope = isMachine ? [] : ["--user"];
  const systemctl = (...args: string[]): Step => ({ command: "systemctl", args: [...scope, ...args] });
  const shown = ["systemctl", ...scope].join(" ");
  return {
    title: isMachine ? "systemd, for the whole machine" : `systemd, of the user ${host.user}`,
    file: join(unitFolder(host, isMachine), UNIT),
    text: unitText,
    isOurs: (text) => text.startsWith(UNIT_MARK),
    commandOf: commandOfUnit,
    check: () => check(host, isMachine),
    install: (isChanged) => [
      ...(isChanged ? [systemctl("daemon-reload")] : []),
      systemctl("enable", UNIT),
      systemctl(isChanged ? "restart" : "start", UNIT),
    ],
    uninstall: () => ({
      before: [systemctl("disable", "--now", UNIT)],
      after: [systemctl("daemon-reload"), { ...systemctl("reset-failed", UNIT), mayFail: true }],
    }),
    state: () => stateOf(host, systemctl("show", UNIT, `--property=${PROPERTIES}`)),
    hints: async () => [
      ["logs", `journalctl ${isMachine ? "-u" : "--user -u"} ${SERVICE} -f`],
      ["restart", `${shown} restart ${SERVICE}`],
      ["reload", `${shown} reload ${SERVICE} (a changed config is read by itself, too)`],
      ...(isMachine ? [] : await lingering(host)),
    ],
  };
}

const PROPERTIES = "ActiveState,SubState,UnitFileState,MainPID,NRestarts,ActiveEnterTimestamp,ExecMainStatus";

function unitFolder({ root, home, env }: Host, isMachine: boolean): string {
  if (isMachine) return join(root, "/etc/systemd/system");
  return join(env["XDG_CONFIG_HOME"]?.trim() || join(home, ".config"), "systemd/user");
}

async function check(host: Host, isMachine: boolean): Promise<void> {
  if (!existsSync(join(host.root, "/run/systemd/system"))) {
    throw new Refusal(
      1,
      "this machine was not started by systemd (/run/systemd/system is not there), as is usual in containers:\n" +
        'let "opensourcellmrouter run CONFIG" be started by whatever starts programs here. In WSL, systemd = true under [boot]\n' +
        "in /etc/wsl.conf turns it on. --print shows the unit all the same.",
    );
  }
  if (isMachine) {
    if (host.uid !== 0) throw new Refusal(1, "--system changes the whole machine: run it with sudo, or leave it out");
    return;
  }
  const { code, out } = await host.run("systemctl", ["--user", "show-environment"]);
  if (code === 0) return;
  throw new Refusal(
    1,
    `your own instance of systemd cannot be reached (systemctl --user: ${out.split("\n")[0]}):\n` +
      "log in as this user (by ssh, not by su or sudo), or install it for the whole machine with --system",
  );
}

async function stateOf(host: Host, { command, args }: Step): Promise<ServiceState> {
  const { out } = await host.run(command, args);
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(out)?.[1] ?? "";
  const active = value("ActiveState");
  const isRunning = active === "active" || active === "reloading";
  const restarts = value("NRestarts");
  const facts = isRunning
    ? [`pid ${value("MainPID")}`, `since ${value("ActiveEnterTimestamp")}`]
    : [value("SubState"), `last exit code ${value("ExecMainStatus")}`];
  const told = [...facts, ...(["", "0"].includes(restarts) ? [] : [`restarted ${restarts} times`])];
  const detail = `${active || "unknown"} (${told.join(", ")})`;
  return { isEnabled: value("UnitFileState") === "enabled", isRunning, detail };
}

/** A user's services end with the last session, unless told otherwise. */
async function lingering(host: Host): Promise<(readonly [string, string])[]> {
  const { out } = await host.run("loginctl", ["show-user", host.user, "--property=Linger"]);
  if (out.includes("Linger=yes")) return [];
  const why = "it runs only while you are logged in. To have it run from the start of the machine on";
  return [["lingering", `${why}: loginctl enable-linger ${host.user}`]];
}
