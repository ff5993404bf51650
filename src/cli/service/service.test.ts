import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inProcess, scratch } from "../../../test/support/in-process.ts";
import { type FakeHost, fakeHost, RUNNING_UNIT } from "../../../test/support/service-host.ts";
import type { Env } from "../../config/check/providers.ts";
import { ConfigError } from "../../config/problem.ts";
import { serviceCommand } from "../commands/service.ts";
import { type Io, Refusal } from "../io.ts";
import { type Host, thisHost } from "./host.ts";
import { type ServiceCall, service } from "./service.ts";

const CONFIG = `
[logging]
enabled = true

[[providers]]
name = "p"
format = "simulated"

[[routers]]
type = "fallback"
`;

interface Machine {
  host: FakeHost;
  config: string;
  said: string[];
  do(action: string, more?: Partial<ServiceCall>): Promise<number>;
}

async function machine(t: Parameters<typeof scratch>[0], more: Partial<Host> = {}, toml = CONFIG): Promise<Machine> {
  const folder = await scratch(t);
  const config = join(folder, "my router", "config.toml");
  mkdirSync(join(folder, "my router"));
  writeFileSync(config, toml);
  const host = fakeHost(folder, more);
  host.answering.set("systemctl --user show opensourcellmrouter", RUNNING_UNIT);
  host.answering.set("systemctl show opensourcellmrouter", RUNNING_UNIT);
  const said: string[] = [];
  const env: Env = host.env;
  const io: Io = { env, out: (line) => said.push(line), err: (line) => said.push(line) };
  const call = { file: config, isMachine: false, isPrinted: false, runAs: undefined };
  return { host, config, said, do: (action, other) => service({ action, ...call, ...other }, io, host) };
}

const unitOf = ({ host }: Machine) => join(host.home, ".config/systemd/user/opensourcellmrouter.service");
const refusal = (message: RegExp) => (error: unknown) => error instanceof Refusal && message.test(error.message);

test("install writes the unit, makes the log's folder, and says each file and command", async (t) => {
  const it = await machine(t);
  assert.equal(await it.do("install"), 0);
  const unit = readFileSync(unitOf(it), "utf8");
  assert.match(
    unit,
    /^ExecStart="\/opt\/node\/bin\/node" "\/opt\/router\/bin\/opensourcellmrouter.cjs" "run" ".*config.toml"$/m,
  );
  assert.ok(existsSync(join(it.config, "../logs")));
  const told = [
    "systemctl --user daemon-reload",
    "systemctl --user enable opensourcellmrouter.service",
    "systemctl --user restart opensourcellmrouter.service",
  ];
  assert.deepEqual(
    it.host.ran.filter((line) => told.includes(line)),
    told,
  );
  const said = it.said.join("\n");
  for (const line of [
    ...told,
    unitOf(it),
    "journalctl --user -u",
    "loginctl enable-linger ada",
    "http://localhost:8090 answers",
  ]) {
    assert.ok(said.includes(line), `${line} in ${said}`);
  }
});

test("installed again: nothing to change, or what changed; what somebody else wrote stays", async (t) => {
  const it = await machine(t);
  it.host.answering.set("loginctl", { code: 0, out: "Linger=yes" });
  await it.do("install");
  it.said.length = it.host.ran.length = 0;
  assert.equal(await it.do("install"), 0);
  assert.match(it.said.join("\n"), /unchanged/);
  assert.doesNotMatch(it.said.join("\n"), /linger/);
  assert.ok(it.host.ran.includes("systemctl --user start opensourcellmrouter.service"));
  assert.ok(!it.host.ran.includes("systemctl --user daemon-reload"));

  writeFileSync(it.config, `${CONFIG}\n[server]\ndrain_s = 600`);
  it.said.length = 0;
  await it.do("install");
  assert.match(it.said.join("\n"), /changed .*\n.*- TimeoutStopSec=75\n.*\+ TimeoutStopSec=615/);

  const foreign = "[Service]\nExecStart=/bin/true\n";
  writeFileSync(unitOf(it), foreign);
  for (const action of ["install", "uninstall"]) {
    await assert.rejects(it.do(action), refusal(/was not written by this program/));
  }
  assert.equal(readFileSync(unitOf(it), "utf8"), foreign);
});

test("uninstall stops it, removes its file alone, and keeps config and logs", async (t) => {
  const it = await machine(t);
  await it.do("install");
  it.host.ran.length = 0;
  assert.equal(await it.do("uninstall"), 0);
  assert.equal(existsSync(unitOf(it)), false);
  assert.ok(existsSync(it.config) && existsSync(join(it.config, "../logs")));
  assert.equal(it.host.ran[1], "systemctl --user disable --now opensourcellmrouter.service");
  assert.equal(await it.do("uninstall"), 0);
  assert.match(it.said.at(-1) ?? "", /not installed/);
});

test("status: 0 running, 3 not, 4 not installed; what runs, where, and whether it answers", async (t) => {
  const it = await machine(t);
  assert.equal(await it.do("status"), 4);
  await it.do("install");
  it.said.length = 0;
  assert.equal(await it.do("status", { file: undefined }), 0);
  const said = it.said.join("\n");
  for (const part of [
    it.config,
    "pid 4711",
    "http://localhost:8090 answers",
    "enabled    yes",
    "missing    /opt/node/bin/node",
  ]) {
    assert.ok(said.includes(part), `${part} in ${said}`);
  }
  it.host.answering.set("systemctl --user show opensourcellmrouter", {
    code: 0,
    out: "ActiveState=failed\nSubState=failed\nExecMainStatus=2",
  });
  writeFileSync(it.config, "nonsense");
  it.said.length = 0;
  assert.equal(await it.do("status", { file: undefined }), 3);
  assert.match(it.said.join("\n"), /failed .*exit code 2[\s\S]*the config has errors/);
});

test("a start that fails is told, and what a command said", async (t) => {
  const it = await machine(t, { answers: async () => false });
  assert.equal(await it.do("install"), 1);
  assert.match(it.said.at(-1) ?? "", /its log \(above\) says why/);
  it.host.answering.set("systemctl --user start", { code: 5, out: "Unit is masked." });
  await assert.rejects(it.do("install"), refusal(/systemctl --user start .* failed \(exit code 5\): Unit is masked\./));
});

test("nothing is changed for a broken config, nor where keys are missing that only this shell has", async (t) => {
  const broken = await machine(t, {}, "[sever]\n");
  await assert.rejects(broken.do("install"), ConfigError);
  const provider = (name: string, format: string) => `[[providers]]\nname = "${name}"\n${format}\n`;
  const rule = '[[routers]]\ntype = "fallback"\n';
  const claude = provider("c", 'preset = "anthropic"');
  const shell = { ANTHROPIC_API_KEY: "k", ROUTER_KEY: "k" };
  const keyless = await machine(t, { env: shell }, claude + rule);
  await assert.rejects(
    keyless.do("install"),
    refusal(/needs ANTHROPIC_API_KEY.*there is no .*\.env.*set in this shell/),
  );
  const locked = await machine(
    t,
    { env: shell },
    `[server]\napi_key_env = "ROUTER_KEY"\n${provider("s", 'format = "simulated"')}${rule}`,
  );
  await assert.rejects(locked.do("install"), refusal(/needs ROUTER_KEY/));
  for (const it of [broken, keyless, locked]) assert.equal(existsSync(unitOf(it)), false);

  const half = await machine(t, { env: shell }, claude + provider("s", 'format = "simulated"') + rule);
  assert.equal(await half.do("install"), 0);
  assert.match(half.said.join("\n"), /warning: ANTHROPIC_API_KEY is set in this shell only/);
  writeFileSync(join(half.config, "../.env"), "ANTHROPIC_API_KEY=k\n");
  half.said.length = 0;
  await half.do("install");
  assert.doesNotMatch(half.said.join("\n"), /ANTHROPIC_API_KEY/);
});

test("--system: root only, in /etc, as the config's owner or whoever is named, but not as root unasked", async (t) => {
  const it = await machine(t);
  await assert.rejects(it.do("install", { isMachine: true }), refusal(/run it with sudo/));
  const root = await machine(t, { uid: 0, user: "root" });
  assert.equal(await root.do("install", { isMachine: true }), 0);
  const file = join(root.host.root, "/etc/systemd/system/opensourcellmrouter.service");
  assert.match(readFileSync(file, "utf8"), /^User=ada$/m);
  assert.ok(root.host.ran.includes(`chown ada ${join(root.config, "../logs")}`));
  assert.ok(root.host.ran.includes("systemctl enable opensourcellmrouter.service"));
  await root.do("install", { isMachine: true, runAs: "llm" });
  assert.match(readFileSync(file, "utf8"), /^User=llm$/m);
  const owned = await machine(t, { uid: 0, ownerOf: async () => "root" });
  await assert.rejects(owned.do("install", { isMachine: true }), refusal(/belongs to root: say whom/));
});

test("without systemd, without one's own instance, on Windows: it says so, and --print works all the same", async (t) => {
  const container = await machine(t, { root: join(await scratch(t), "elsewhere") });
  await assert.rejects(container.do("install"), refusal(/not started by systemd/));
  assert.equal(await container.do("install", { isPrinted: true }), 0);
  assert.match(container.said.at(-1) ?? "", /^# Written by[\s\S]*WantedBy=default.target$/);
  assert.deepEqual(container.host.ran, []);
  const su = await machine(t);
  su.host.answering.set("systemctl --user show-environment", {
    code: 1,
    out: "Failed to connect to bus: No medium found",
  });
  await assert.rejects(su.do("install"), refusal(/No medium found[\s\S]*--system/));
  await assert.rejects((await machine(t, { platform: "win32" })).do("install"), refusal(/Task Scheduler/));
  await assert.rejects((await machine(t, { platform: "freebsd" })).do("status"), refusal(/not on freebsd/));
  await assert.rejects(su.do("status", { isPrinted: true }), refusal(/--print goes with/));
  await assert.rejects(su.do("install", { runAs: "x" }), refusal(/--run-as goes with/));
});

test("launchd: loaded anew when its file changed, asked for its state, and taken out", async (t) => {
  const it = await machine(t, { platform: "darwin", uid: 501 });
  it.host.answering.set("launchctl print", { code: 0, out: "\tstate = running\n\tpid = 99\n" });
  assert.equal(await it.do("install"), 0);
  const file = join(it.host.home, "Library/LaunchAgents/opensourcellmrouter.plist");
  assert.deepEqual(it.host.ran.slice(0, 3), [
    "launchctl bootout gui/501/opensourcellmrouter",
    "launchctl enable gui/501/opensourcellmrouter",
    `launchctl bootstrap gui/501 ${file}`,
  ]);
  assert.match(readFileSync(file, "utf8"), /<key>WorkingDirectory<\/key>\n<string>.*my router<\/string>/);
  assert.equal(await it.do("status", { file: undefined }), 0);
  assert.ok(it.said.join("\n").includes(it.config));
  it.host.answering.set("launchctl print", { code: 113, out: "Could not find service" });
  assert.equal(await it.do("status"), 3);
  assert.equal(await it.do("uninstall"), 0);
  assert.equal(existsSync(file), false);
});

test("a module of the config is loaded by the check, but never by root", async (t) => {
  const toml = `${CONFIG}\n[plugins.mine]\nenabled = true\nmodule = "./mine.mjs"\n`;
  const own = await machine(t, {}, toml);
  const root = await machine(t, { uid: 0 }, toml);
  for (const { config } of [own, root]) {
    writeFileSync(join(config, "../mine.mjs"), 'throw new Error("it was loaded");', { mode: 0o644 });
  }
  await assert.rejects(own.do("install"), /it was loaded/);
  assert.equal(await root.do("install", { isMachine: true }), 0);
  assert.match(root.said.join("\n"), /modules were not looked at/);
});

test("this machine: what a command says, also one that is not there; whether somebody answers", async (t) => {
  const host = thisHost({});
  assert.ok(existsSync(host.node) && existsSync(host.program));
  assert.deepEqual(await host.run("/bin/sh", ["-c", "echo one; echo two >&2; exit 3"]), { code: 3, out: "one\ntwo" });
  assert.equal((await host.run("/nowhere/systemctl", [])).code, 127);
  assert.equal(await host.ownerOf(await scratch(t)), host.user);
  const router = await inProcess(t, CONFIG.replace("enabled = true", "enabled = false"));
  assert.equal(await host.answers(router.url, 0), true);
  await router.close();
  assert.equal(await host.answers(router.url, 0), false);
});

test("the command line", async () => {
  const io: Io = { env: {}, out: () => undefined, err: () => undefined };
  assert.throws(() => serviceCommand.start(["start"], io), refusal(/knows install, uninstall or status/));
});
