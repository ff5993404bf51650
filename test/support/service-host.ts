import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Host, Ran } from "../../src/cli/service/host.ts";

/** A machine that is only a folder, and writes down what it is told to run. */
export interface FakeHost extends Host {
  /** One line for each command. */
  readonly ran: string[];
  /** What a command answers, by how its line begins; else it works and says nothing. */
  readonly answering: Map<string, Ran>;
}

/** `folder`: where its files are. With systemd, unless its platform is another. */
export function fakeHost(folder: string, more: Partial<Host> = {}): FakeHost {
  const ran: string[] = [];
  const answering = new Map<string, Ran>();
  mkdirSync(join(folder, "run/systemd/system"), { recursive: true });
  return {
    platform: "linux",
    root: folder,
    home: join(folder, "home"),
    uid: 1000,
    user: "ada",
    env: {},
    node: "/opt/node/bin/node",
    program: "/opt/router/bin/opensourcellmrouter.cjs",
    run: async (command, args) => {
      const line = [command, ...args].join(" ");
      ran.push(line);
      const known = [...answering].find(([begin]) => line.startsWith(begin));
      return known?.[1] ?? { code: 0, out: "" };
    },
    answers: async () => true,
    ownerOf: async () => "ada",
    ...more,
    ran,
    answering,
  };
}

/** What `systemctl show` says of a service that runs. */
export const RUNNING_UNIT: Ran = {
  code: 0,
  out: "MainPID=4711\nNRestarts=0\nExecMainStatus=0\nActiveState=active\nSubState=running\nUnitFileState=enabled\nActiveEnterTimestamp=Sun 2026-11-29 08:00:00 UTC",
};
