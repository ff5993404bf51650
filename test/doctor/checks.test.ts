import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { suite, test } from "node:test";
import { behindMs, clock } from "../../src/cli/doctor/checks/machine/clock.ts";
import { spaceFinding } from "../../src/cli/doctor/checks/machine/log-files.ts";
import { openFiles } from "../../src/cli/doctor/checks/machine/open-files.ts";
import { proxies } from "../../src/cli/doctor/checks/machine/proxies.ts";
import { expiryFinding } from "../../src/cli/doctor/checks/provider/secure-connection.ts";
import { faultOf } from "../../src/cli/doctor/checks/setup/keys.ts";
import { nodeVersion } from "../../src/cli/doctor/checks/setup/node-version.ts";
import { wrapped } from "../../src/cli/doctor/paint.ts";
import { overloadSchema } from "../../src/config/config.ts";
import { inProcess, scratch } from "../support/in-process.ts";
import { addressOf } from "../support/upstream/upstream.ts";
import { look } from "./look.ts";

const SIM = '[[providers]]\nname = "sim"\nformat = "simulated"\n[[routers]]\ntype = "fallback"\n';
const FREE = `[server]\nport = 0\n${SIM}`;
const KEYED = FREE.replace("[[providers]]", 'api_key_env = "ROUTER_KEY"\n[[providers]]');
const quick = { mayAsk: false, json: true } as const;

test("Node: the version that is needed, compared as numbers", () => {
  for (const version of ["22.19.0", "22.20.1", "26.0.0"]) assert.equal(nodeVersion(version).state, "ok", version);
  for (const version of ["22.18.9", "20.99.0", "8.0.0"]) assert.equal(nodeVersion(version).state, "failed", version);
});

test("keys that cannot be right are told by their look, and never shown", () => {
  const broken = ['"sk-1234"', "'sk-1234'", "“sk-1234”", "Bearer sk-1234", "sk-12\nsk-34", "sk 1234", "sk-12é4"];
  for (const key of [...broken, "your-api-key", "<key>", "xxxxxx", "sk-...", "changeme"]) {
    const fault = faultOf(key);
    assert.equal(fault?.works, false, JSON.stringify(key));
    assert.ok(!fault?.what.includes("1234"));
  }
  for (const key of ["sk-1234\n", " sk-1234", "sk-1234\r\n"])
    assert.equal(faultOf(key)?.works, true, JSON.stringify(key));
  for (const key of ["sk-proj-Ab_12", "AIzaSy-12", "gsk_a1", "0f4e.a=="]) assert.equal(faultOf(key), undefined, key);
});

test("the clock: by the middle of what providers elsewhere said, a minute is allowed", () => {
  const reading = (behind: number, nearby = false) => ({ provider: `p${behind}`, behindMs: behind, nearby });
  assert.equal(clock([]).state, "skipped");
  assert.equal(clock([reading(0), reading(59_000), reading(400_000)]).state, "ok");
  assert.deepEqual(
    [clock([reading(90_000), reading(80_000), reading(0)]).state, clock([reading(-90_000)]).text],
    ["failed", "90 s fast, by the answers of p-90000"],
  );
  assert.equal(clock([reading(90_000, true)]).state, "warning");
  assert.equal(clock([reading(0), reading(90_000, true)]).state, "ok");
  const asked = Date.UTC(2026, 0, 1, 12, 0, 0, 500);
  assert.equal(behindMs("Thu, 01 Jan 2026 12:00:00 GMT", asked, asked + 100), 0);
  assert.equal(behindMs("Thu, 01 Jan 2026 12:02:00 GMT", asked, asked + 100), 119_400);
  assert.equal(behindMs("Thu, 01 Jan 2026 11:59:00 GMT", asked, asked + 100), -59_500);
  assert.equal(behindMs(undefined, asked, asked), undefined);
  assert.equal(behindMs("tomorrow", asked, asked), undefined);
});

test("disk, certificates, open files and proxies have their limits", () => {
  const MIB = 1024 * 1024;
  const space = (mib: number) => spaceFinding("/logs", mib * MIB, false);
  assert.deepEqual(
    [space(99), space(100), space(1024)].map(({ state }) => state),
    ["failed", "warning", "ok"],
  );
  assert.equal(space(2560).text, "2.5 GiB free in /logs");
  assert.equal(spaceFinding("/logs", 1e12, true).state, "failed");
  const until = (days: number) => expiryFinding(days * 24 * 3_600_000, 0, "TLSv1.3", 1);
  assert.deepEqual([until(13).state, until(14).state], ["warning", "ok"]);
  const overload = overloadSchema.parse({});
  assert.deepEqual([openFiles(overload, 4064).state, openFiles(overload, 4063).state], ["ok", "warning"]);
  assert.equal(openFiles({ ...overload, max_in_flight: 100 }, 1024).state, "ok");
  assert.equal(openFiles(overload, Infinity).state, "ok");
  assert.notEqual(openFiles(overload).state, "skipped");
  assert.equal(proxies({}).state, "ok");
  const told = proxies({ https_proxy: "http://user:secret@proxy:8080", NO_PROXY: "example.com" });
  assert.equal(told.state, "warning");
  assert.match(told.text, /^https_proxy is set: providers elsewhere are reached through it/);
  assert.match(told.todo ?? "", /NO_PROXY=localhost/);
  assert.doesNotMatch(JSON.stringify(told), /secret/);
  assert.doesNotMatch(proxies({ HTTP_PROXY: "x", NO_PROXY: "localhost,127.0.0.1" }).todo ?? "", /NO_PROXY/);
});

test("text is wrapped at words, cut where one is too long, and safe for a terminal", () => {
  assert.deepEqual(wrapped("one two three", 7), ["one two", "three"]);
  assert.deepEqual(wrapped("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
  assert.deepEqual(wrapped("", 4), [""]);
  assert.deepEqual(wrapped("a\u001b[2Jb", 20), ["a␛[2Jb"]);
});

suite("a config", { concurrency: true }, () => {
  test("with mistakes: all of them with line and column, and the machine is looked at all the same", async (context) => {
    const toml = '[server]\nport = "x"\n[[providers]]\nname = "a"\nformat = "opnai"\n[[routers]]\ntype = "nosuch"\n';
    const looked = await look(context, toml, quick);
    assert.equal(looked.code, 1);
    const failed = looked.rows().filter((row) => row.startsWith("failed config:"));
    for (const place of [/config\.toml:2:\d+ /, /config\.toml:5:\d+ /, /config\.toml:7:\d+ /])
      assert.ok(
        failed.some((row) => place.test(row)),
        `${place}: ${failed.join("\n")}`,
      );
    assert.ok(looked.rows().some((row) => row.startsWith("ok proxy")));
    assert.ok(looked.rows().some((row) => row.startsWith("skipped providers")));
  });

  test("that is not there, or whose module does not load", async (context) => {
    const folder = await scratch(context);
    const missing = await look(context, FREE, { ...quick, folder, file: join(folder, "other.toml") });
    assert.ok(
      missing
        .rows()
        .some((row) =>
          /^failed config: .*other\.toml no such file|failed config: .*other\.toml {2}no such file/.test(row),
        ),
    );
    const toml = `${FREE}[plugins.mine]\nenabled = true\nmodule = "./mine.ts"\n`;
    const looked = await look(context, toml, quick);
    assert.ok(
      looked.rows().some((row) => /^failed config: .*config\.toml:\d+:\d+ .*mine/.test(row)),
      looked.text,
    );
  });

  test("keys: there, not there, spoilt; the router's own; their values are nowhere", async (context) => {
    const provider = (name: string) =>
      `[[providers]]\nname = "${name}"\nformat = "openai"\nbase_url = "http://127.0.0.1:1"\napi_key_env = "${name.toUpperCase()}_KEY"\n`;
    const toml = KEYED.replace("[[routers]]", `${["good", "none", "quoted"].map(provider).join("")}[[routers]]`);
    const canary = "canary-0123456789";
    const dotEnv = `GOOD_KEY=${canary}\n`;
    const looked = await look(context, toml, {
      ...quick,
      dotEnv,
      env: { QUOTED_KEY: `"${canary}"` },
      providers: ["sim"],
    });
    assert.deepEqual(
      looked.rows().filter((row) => / key:/.test(row)),
      [
        'ok key: GOOD_KEY is set by .env, for provider "good"',
        'warning key: NONE_KEY is not set: provider "none" is skipped',
        'failed key: QUOTED_KEY has quote marks around the key, which are not part of it (for provider "quoted")',
        "failed key: ROUTER_KEY is not set: the router refuses to start without it",
      ],
    );
    assert.ok(!looked.text.includes(canary));
    assert.ok(!looked.rows().some((row) => /skipped: the environment variable|refuse to start$/.test(row)));
  });

  test("files that hold secrets are to be read by their owner only", {
    skip: process.platform === "win32",
  }, async (context) => {
    const folder = await scratch(context);
    const toml = FREE.replace("[[routers]]", '[providers.headers]\nx-api-key = "canary-0123456789"\n[[routers]]');
    await writeFile(join(folder, ".env"), "A=b\n", { mode: 0o644 });
    await chmod(join(folder, ".env"), 0o644);
    const file = join(folder, "config.toml");
    await writeFile(file, toml);
    await chmod(file, 0o644);
    const open = await look(context, toml, { ...quick, folder });
    assert.equal(open.code, 0);
    assert.match(open.rows().join("\n"), /warning \.env: .*mode 644/);
    assert.match(open.rows().join("\n"), /warning secrets: .*the header x-api-key of provider "sim", .*mode 644/);
    await chmod(file, 0o600);
    await chmod(join(folder, ".env"), 0o600);
    const closed = await look(context, toml, { ...quick, folder });
    assert.match(closed.rows().join("\n"), /ok \.env: .*sets A\nok secrets: .*only you can read it/);
    assert.doesNotMatch(open.text + closed.text, /canary/);
  });

  test("open to the network without a key is a warning, with one it is not", async (context) => {
    const toml = FREE.replace("port = 0", 'port = 0\nhost = "0.0.0.0"');
    const open = await look(context, toml, quick);
    assert.match(open.rows().join("\n"), /warning exposure: everyone who can reach 0\.0\.0\.0/);
    const keyed = toml.replace("port = 0", 'port = 0\napi_key_env = "ROUTER_KEY"');
    const closed = await look(context, keyed, { ...quick, env: { ROUTER_KEY: "canary-0123456789" } });
    assert.match(closed.rows().join("\n"), /ok exposure: /);
  });

  test("logs: writable, or why not", async (context) => {
    const folder = await scratch(context);
    const logging = (path: string) => `${FREE}[logging]\nenabled = true\npath = ${JSON.stringify(path)}\n`;
    const fine = await look(context, logging(join(folder, "deep", "er", "log.jsonl")), quick);
    assert.match(fine.rows().join("\n"), /ok log: .*can be written\n(?:ok|warning) disk: .* free in /);
    const blocked = await look(context, logging(join(folder, "config.toml", "log.jsonl")), { ...quick, folder });
    assert.match(blocked.rows().join("\n"), /failed log: .*config\.toml is a file, not a folder/);
  });
});

suite("the port", { concurrency: true }, () => {
  const on = (toml: string, port: number | string) => toml.replace("port = 0", `port = ${port}`);
  const rowsOf = async (context: { after(run: () => Promise<void>): void }, toml: string, options = {}) =>
    (await look(context, toml, { ...quick, ...options })).rows().filter((row) => /^\w+ (?:port|records):/.test(row));

  test("held by a router of ours: its version, and whether it runs this config", async (context) => {
    // Else the router of tests has a setting of its own there.
    const toml = `[failover]\n${KEYED}`;
    const router = await inProcess(context, toml, { env: { ROUTER_KEY: "canary-0123456789" } });
    const { port } = new URL(router.url);
    const env = { ROUTER_KEY: "canary-0123456789" };
    const [same] = await rowsOf(context, on(toml, port), { env });
    assert.match(
      same ?? "",
      /^ok port: \d+: a router runs here since .* UTC, version \d.*, 0 requests under way; its config \(version 1, detected\) is the one/,
    );
    const other = on(toml, port).replace(
      "[[routers]]",
      '[[providers]]\nname = "two"\nformat = "simulated"\n[[routers]]',
    );
    const [differs] = await rowsOf(context, `${other}quality_bias = 1\n`, { env });
    assert.match(differs ?? "", /^warning port: .* differs from the one looked at here in providers, routers$/);
    const [locked] = await rowsOf(context, on(toml, port), { env: { ROUTER_KEY: "another-0123456789" } });
    assert.match(locked ?? "", /^failed port: \d+ is held by .*asks for another key/);
  });

  test("held by somebody else, who is named where the system tells", async (context) => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    context.after(async () => void server.close());
    const { port } = addressOf(server.address());
    const [row = ""] = await rowsOf(context, on(FREE, port));
    const who = process.platform === "linux" ? `\\S.* \\(process ${process.pid}\\)` : "another program";
    assert.match(row, new RegExp(`^failed port: ${port} is held by ${who}, not by a router`));
  });

  test("on an address that is none of this machine", async (context) => {
    const [row = ""] = await rowsOf(context, FREE.replace("port = 0", 'port = 65000\nhost = "192.0.2.1"'));
    assert.match(row, /^failed port: 192\.0\.2\.1 is not an address of this machine \(EADDRNOTAVAIL\)$/);
  });
});
