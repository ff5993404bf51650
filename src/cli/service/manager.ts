import { Refusal } from "../io.ts";
import type { Host } from "./host.ts";
import { launchd } from "./launchd.ts";
import type { ServiceSpec } from "./spec.ts";
import { systemd } from "./systemd.ts";

/** A command for the machine's service manager. */
export interface Step {
  readonly command: string;
  readonly args: readonly string[];
  /** That it fails says only that there was nothing to do. */
  readonly mayFail?: true;
}

export interface ServiceState {
  readonly isEnabled: boolean;
  readonly isRunning: boolean;
  /** For people. */
  readonly detail: string;
}

/** What starts and stops services on a machine. */
export interface Manager {
  /** `systemd, yours`. */
  readonly title: string;
  /** The file that describes the service to it. */
  readonly file: string;
  text(spec: ServiceSpec): string;
  isOurs(text: string): boolean;
  /** The command line in a file of ours. */
  commandOf(text: string): readonly string[] | undefined;
  /** Throws `Refusal` where it is not there, or may not be told. */
  check(): Promise<void>;
  /** `isChanged`: its file is new or another than before. */
  install(isChanged: boolean): readonly Step[];
  /** While its file is there, and when it is gone. */
  uninstall(): { before: readonly Step[]; after: readonly Step[] };
  state(): Promise<ServiceState>;
  /** What people should know of it: how to see its log, …; title and text. */
  hints(): Promise<readonly (readonly [title: string, text: string])[]>;
}

/** The one of this machine. Throws `Refusal` where there is none that is known. */
export function managerOf(host: Host, isMachine: boolean): Manager {
  switch (host.platform) {
    case "linux":
      return systemd(host, isMachine);
    case "darwin":
      return launchd(host, isMachine);
    case "win32":
      throw new Refusal(
        1,
        "services are installed on Linux (systemd) and macOS (launchd) only. On Windows let the Task Scheduler start\n" +
          '"opensourcellmrouter run C:\\path\\to\\config.toml" at logon, or install it in WSL.',
      );
    default:
      throw new Refusal(
        1,
        `services are installed on Linux (systemd) and macOS (launchd) only, not on ${host.platform}: ` +
          'let "opensourcellmrouter run CONFIG" be started by whatever starts programs here',
      );
  }
}
