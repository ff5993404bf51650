import type { ServiceSpec } from "./spec.ts";

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
