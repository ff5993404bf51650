import { SERVICE, type ServiceSpec } from "./spec.ts";

/** In what this program writes. A file without it is somebody else's. */
export const PLIST_MARK = `Written by "${SERVICE} service install"`;

/** A launchd job. `log`: where its output goes, since launchd has no journal. */
export function plistText(spec: ServiceSpec, log: string): string {
  const { node, program, config, folder, stopS, runAs } = spec;
  const body = dict([
    ["Label", string(SERVICE)],
    ["ProgramArguments", array([node, program, "run", config])],
    ["WorkingDirectory", string(folder)],
    ...(runAs === undefined ? [] : [["UserName", string(runAs)] as const]),
    ["RunAtLoad", "<true/>"],
    ["KeepAlive", dict([["SuccessfulExit", "<false/>"]])],
    ["ThrottleInterval", integer(10)],
    ["ExitTimeOut", integer(stopS)],
    ["SoftResourceLimits", dict([["NumberOfFiles", integer(65_536)]])],
    ["Umask", integer(0o077)],
    ["StandardOutPath", string(log)],
    ["StandardErrorPath", string(log)],
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<!-- ${PLIST_MARK}: the next install overwrites it. -->`,
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    body,
    "</plist>",
    "",
  ].join("\n");
}

/** The command line that a job of ours runs. */
export function commandOfPlist(text: string): readonly string[] | undefined {
  const list = /<key>ProgramArguments<\/key>\s*<array>([\s\S]*?)<\/array>/.exec(text)?.[1];
  const words = list?.matchAll(/<string>([\s\S]*?)<\/string>/g);
  return words && [...words].map(([, word = ""]) => word.replace(/&(?:lt|gt|amp);/g, (entity) => CHARS[entity] ?? ""));
}

const CHARS: Readonly<Record<string, string>> = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

function string(text: string): string {
  return `<string>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}</string>`;
}

function integer(value: number): string {
  return `<integer>${value}</integer>`;
}

function array(items: readonly string[]): string {
  return ["<array>", ...items.map(string), "</array>"].join("\n");
}

function dict(entries: readonly (readonly [key: string, value: string])[]): string {
  return ["<dict>", ...entries.map(([key, value]) => `<key>${key}</key>\n${value}`), "</dict>"].join("\n");
}
