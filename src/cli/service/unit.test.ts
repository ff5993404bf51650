import assert from "node:assert/strict";
import { test } from "node:test";
import { configSchema } from "../../config/config.ts";
import { Refusal } from "../io.ts";
import type { Host } from "./host.ts";
import { commandOfPlist, plistText } from "./plist.ts";
import { type ServiceSpec, serviceSpec } from "./spec.ts";
import { commandOfUnit, unitText } from "./unit.ts";

const spec: ServiceSpec = {
  node: "/opt/node/bin/node",
  program: "/opt/router/bin/opensourcellmrouter.cjs",
  config: "/srv/router/config.toml",
  folder: "/srv/router",
  writable: ["/srv/router/logs"],
  stopS: 75,
  port: 8090,
  base: "http://localhost:8090",
  runAs: undefined,
};
const odd = `/srv/a b  %h $HOME \${x} "q" 'p' \\t & <ü> 日本 ;`;

function settings(unit: string): Map<string, string> {
  const lines = unit.split("\n").filter((line) => /^[A-Z]\w*=/.test(line));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

/** A command line as systemd reads it: quotes and backslashes, then specifiers, then variables in what is not the program. */
function wordsOf(line: string): string[] {
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, bare = ""]) =>
    quoted === undefined ? bare : quoted.replace(/\\(.)/g, "$1"),
  );
  return words.map(plain).map((word, index) => (index === 0 ? word : word.replace(/\$(.?)/g, once("$", "a variable"))));
}

/** Where specifiers are looked for and nothing else. */
function plain(text: string): string {
  return text.replace(/%(.?)/g, once("%", "a specifier"));
}

function once(sign: string, what: string) {
  return (_: string, next: string) => (next === sign ? sign : `<${what}>`);
}

test("whatever is in a path, systemd reads it back as it is", () => {
  const names = ["node", "main.cjs", "config.toml"].map((name) => `${odd}/${name}`);
  const [node = "", program = "", config = ""] = names;
  const unit = unitText({ ...spec, node, program, config, folder: odd, writable: [odd] });
  const of = settings(unit);
  const viaShell = ["/bin/sh", "-c", 'exec "$0" "$@"'];
  assert.deepEqual(wordsOf(of.get("ExecStart") ?? ""), [...viaShell, node, program, "run", config]);
  const direct = settings(unitText({ ...spec, node: "/opt/my $node 100%/node", config }));
  assert.deepEqual(wordsOf(direct.get("ExecStart") ?? ""), ["/opt/my $node 100%/node", spec.program, "run", config]);
  assert.equal(plain(of.get("WorkingDirectory") ?? ""), odd);
  assert.deepEqual(wordsOf(of.get("ReadWritePaths") ?? ""), [`-${odd}`]);
  assert.deepEqual(commandOfUnit(unit), [node, program, "run", config]);
});

test("a user's unit has nothing its manager could not do; the machine's drops every capability", () => {
  const user = settings(unitText(spec));
  const machine = settings(unitText({ ...spec, runAs: "llm" }));
  for (const unit of [user, machine]) {
    assert.equal(unit.get("NoNewPrivileges"), "yes");
    assert.equal(unit.get("ProtectSystem"), "strict");
    assert.equal(unit.get("PrivateTmp"), "yes");
    // V8 compiles while it runs.
    assert.equal(unit.has("MemoryDenyWriteExecute"), false);
    assert.equal(unit.get("TimeoutStopSec"), "75");
  }
  for (const name of ["User", "CapabilityBoundingSet", "PrivateDevices", "ProtectKernelModules", "ProtectClock"]) {
    assert.equal(user.has(name), false, name);
    assert.equal(machine.has(name), true, name);
  }
  assert.deepEqual([user.get("WantedBy"), machine.get("WantedBy")], ["default.target", "multi-user.target"]);
  assert.deepEqual([user.get("ProtectHome"), machine.get("ProtectHome")], ["read-only", "yes"]);
  const atHome = settings(unitText({ ...spec, runAs: "llm", config: "/home/llm/config.toml" }));
  assert.equal(atHome.get("ProtectHome"), "read-only");
  assert.equal(settings(unitText({ ...spec, config: "/tmp/x/config.toml" })).get("PrivateTmp"), "no");
  const low = settings(unitText({ ...spec, runAs: "llm", port: 443 }));
  assert.equal(low.get("AmbientCapabilities"), "CAP_NET_BIND_SERVICE");
  assert.equal(low.has("PrivateUsers"), false);
});

test("a plist is well-formed, and read back as it is", () => {
  const config = `${odd}/config.toml`;
  const text = plistText({ ...spec, config, runAs: "llm" }, "/Library/Logs/x & y.log");
  assert.deepEqual(commandOfPlist(text), [spec.node, spec.program, "run", config]);
  const { keys, closed } = readXml(text);
  assert.ok(closed);
  assert.ok(
    ["Label", "ProgramArguments", "KeepAlive", "SuccessfulExit", "UserName"].every((key) => keys.includes(key)),
  );
});

/** Every element closed in order, no bare `&` or `<`: as far as XML goes here. */
function readXml(text: string): { keys: string[]; closed: boolean } {
  const open: string[] = [];
  const keys: string[] = [];
  const body = text.replace(/<\?xml [^>]*\?>|<!--(?:(?!--)[\s\S])*-->|<!DOCTYPE [^>]*>/g, "");
  for (const [, between = "", slash = "", name = "", alone = ""] of body.matchAll(
    /([^<]*)<(\/?)([a-z]+)(?: [a-z]+="[^"<&]*")?(\/?)>/g,
  )) {
    assert.doesNotMatch(between, /&(?!(?:amp|lt|gt);)|>/);
    if (slash === "/") assert.equal(open.pop(), name);
    else if (alone === "") open.push(name);
    if (slash === "/" && name === "key") keys.push(between);
    if (open.at(-1) === "dict" || open.at(-1) === "array") assert.match(between.trim() === "" ? "" : between, /^$|\S/);
  }
  return { keys, closed: open.length === 0 && body.trim().endsWith("</plist>") };
}

test("the spec: where it writes, how long it may take to stop, and what may not be run", () => {
  const host = { node: spec.node, program: spec.program } as const;
  const of = (config: object, more: Partial<Host> = {}, file = "/srv/router/config.toml") =>
    serviceSpec(file, configSchema.parse(config), { ...host, ...more }, undefined);
  assert.deepEqual(of({ logging: { enabled: true } }).writable, ["/srv/router/logs"]);
  assert.deepEqual(of({ logging: { enabled: true, path: "/var/log/r/x.jsonl" } }).writable, ["/var/log/r"]);
  assert.deepEqual(of({ logging: { enabled: true, path: "/dev/stdout" } }).writable, []);
  assert.deepEqual(of({}).writable, []);
  assert.equal(of({}).stopS, 75);
  assert.equal(of({ server: { drain_s: 300 } }).stopS, 315);
  assert.equal(of({ server: { host: "::1", port: 9 } }).base, "http://[::1]:9");
  const refused = (more: Partial<Host>, file?: string) => {
    assert.throws(() => of({}, more, file), Refusal, JSON.stringify([more, file]));
  };
  refused({ program: "/home/ada/.npm/_npx/1b2/node_modules/opensourcellmrouter/bin/x.cjs" });
  refused({ program: "/home/ada/.cache/pnpm/dlx-12/node_modules/x.cjs" });
  refused({ node: "/run/user/1000/fnm_multishells/1/bin/node" });
  refused({ node: "/tmp/node" });
  refused({}, "/srv/line\nend/config.toml");
  refused({}, "/srv/back\\/config.toml");
});
