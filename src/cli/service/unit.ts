import { asArray, tryParseJson } from "../../core/json.ts";
import { SERVICE, type ServiceSpec } from "./spec.ts";

/** The first line of what this program writes. A file without it is somebody else's. */
export const UNIT_MARK = `# Written by "${SERVICE} service install"`;

/** A systemd unit. */
export function unitText(spec: ServiceSpec): string {
  const { node, program, config, folder, stopS, runAs } = spec;
  const flag = runAs === undefined ? "--user " : "";
  const network = ["After=network-online.target", "Wants=network-online.target"];
  const lines = [
    `${UNIT_MARK}: the next install overwrites it. Changes of your own: systemctl ${flag}edit ${SERVICE}`,
    `# runs: ${JSON.stringify([node, program, "run", config])}`,
    "[Unit]",
    "Description=LLM router (opensourcellmrouter)",
    // A user's units cannot wait for the machine's.
    ...(runAs === undefined ? [] : network),
    "StartLimitIntervalSec=300",
    "StartLimitBurst=10",
    "",
    "[Service]",
    "Type=exec",
    `ExecStart=${commandLine([node, program, "run", config])}`,
    "ExecReload=/bin/kill -HUP $MAINPID",
    `WorkingDirectory=${escaped(folder)}`,
    ...(runAs === undefined ? [] : [`User=${escaped(runAs)}`]),
    "Restart=on-failure",
    "RestartSec=2",
    "# 2: its config is wrong. Trying again does not mend that.",
    "RestartPreventExitStatus=2",
    "KillMode=mixed",
    `TimeoutStopSec=${stopS}`,
    "LimitNOFILE=65536",
    "StandardOutput=journal",
    "StandardError=journal",
    `SyslogIdentifier=${SERVICE}`,
    "",
    "# What it has no need of.",
    ...hardening(spec),
    "",
    "[Install]",
    `WantedBy=${runAs === undefined ? "default.target" : "multi-user.target"}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** The command line that a unit of ours runs; undefined: it does not say. */
export function commandOfUnit(text: string): readonly string[] | undefined {
  const words = asArray(tryParseJson(/^# runs: (.*)$/m.exec(text)?.[1] ?? ""));
  return words?.filter((word) => typeof word === "string");
}

/** MemoryDenyWriteExecute is not among these: V8 compiles while it runs. */
function hardening(spec: ServiceSpec): string[] {
  const common = [
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    ...spec.writable.map((path) => `ReadWritePaths=${quotedPath(`-${path}`)}`),
    // With one of its own it would not see what lies there.
    `PrivateTmp=${isUnder(spec, /^\/(?:var\/)?tmp\//) ? "no" : "yes"}`,
    `ProtectHome=${isInHome(spec) ? "read-only" : "yes"}`,
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallErrorNumber=EPERM",
    "UMask=0077",
  ];
  // A user's manager may not drop capabilities: these would keep the unit from starting (218/CAPABILITIES).
  return spec.runAs === undefined ? common : [...common, ...machineHardening(spec)];
}

function machineHardening({ port }: ServiceSpec): string[] {
  const isLow = port > 0 && port < 1024;
  return [
    `CapabilityBoundingSet=${isLow ? "CAP_NET_BIND_SERVICE" : ""}`,
    ...(isLow ? ["AmbientCapabilities=CAP_NET_BIND_SERVICE"] : ["PrivateUsers=yes"]),
    "PrivateDevices=yes",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "ProtectProc=invisible",
    "KeyringMode=private",
  ];
}

function isInHome(spec: ServiceSpec): boolean {
  return spec.runAs === undefined || isUnder(spec, /^\/(?:home|root|run\/user)\//);
}

function isUnder({ node, program, config, writable }: ServiceSpec, place: RegExp): boolean {
  return [node, program, config, ...writable].some((path) => place.test(path));
}

/** systemd refuses a program with quotes or backslashes in its path: a shell has to start that. */
function commandLine([program = "", ...args]: readonly string[]): string {
  const words = /["'\\]/.test(program)
    ? ["/bin/sh", "-c", quoted('exec "$0" "$@"'), quoted(program)]
    : [quotedPath(program)];
  return [...words, ...args.map(quoted)].join(" ");
}

/** An argument of a command line: `%` begins a specifier, `$` a variable. */
function quoted(text: string): string {
  return quotedPath(text).replaceAll("$", () => "$$");
}

/** A path where no variables are looked for: the program of a command line, and those in lists. */
function quotedPath(path: string): string {
  return `"${escaped(path.replace(/[\\"]/g, "\\$&"))}"`;
}

/** A setting that is taken as it stands, but for specifiers. */
function escaped(text: string): string {
  return text.replaceAll("%", "%%");
}
