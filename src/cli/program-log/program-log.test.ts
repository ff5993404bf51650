import { deepEqual, doesNotMatch, equal, match, ok, throws } from "node:assert/strict";
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isJournal, type LogSettings, logSettings } from "./options.ts";
import { ProgramLog } from "./program-log.ts";

const PLAIN: LogSettings = { format: "pretty", level: "info", colours: false, journal: false };
const TIME = Date.UTC(2026, 10, 29, 7, 0, 0, 5);

function logWith(settings: Partial<LogSettings>, isFull = () => false) {
  const lines: string[] = [];
  const program = new ProgramLog(
    { ...PLAIN, ...settings },
    { write: (line) => lines.push(line), isFull: () => isFull() },
    () => TIME,
  );
  return { program, lines, log: program.log };
}

test("pretty: time, level, message, then the fields; quotes only where they are needed", () => {
  const { log, lines } = logWith({});
  log("info", "provider p is well again", { provider: "p", path: "/v1/x y", n: 3, ok: true, none: null });
  deepEqual(lines, [
    '2026-11-29T07:00:00.005Z info provider p is well again provider=p path="/v1/x y" n=3 ok=true none=null',
  ]);
});

test("json: one object a line, whose first three names are its own", () => {
  const { log, lines } = logWith({ format: "json" });
  log("warn", "a\nb", { level: "error", provider: "p", status: 500 });
  deepEqual(JSON.parse(lines[0] ?? ""), {
    ts: "2026-11-29T07:00:00.005Z",
    level: "warn",
    msg: "a\nb",
    provider: "p",
    status: 500,
  });
  equal(lines.length, 1);
});

test("a level lets through what is at least as grave", () => {
  for (const [level, count] of [
    ["error", 1],
    ["warn", 2],
    ["info", 3],
    ["debug", 4],
  ] as const) {
    const { log, lines, program } = logWith({ level });
    for (const one of ["error", "warn", "info", "debug"] as const) log(one, "x");
    equal(lines.length, count);
    equal(program.debugs, level === "debug");
  }
});

const EVIL = "boom\n2026-11-29T07:00:00.000Z error forged\r\n\u001b[2J\u009b31m\u202e\u2028{end}";

test("what a message quotes is no line of its own and no order to a terminal", () => {
  for (const format of ["pretty", "json"] as const) {
    const { log, lines } = logWith({ format });
    log("error", EVIL, { model: EVIL });
    const written = lines.join("\n");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there.
    doesNotMatch(written, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]/);
    equal(written.split("\n").filter((line) => /^(?:2026|\{)/.test(line)).length, 1, written);
    if (format === "json") deepEqual(JSON.parse(written).model, EVIL);
  }
});

test("the journal: its own time, priorities, also before the further lines of a message", () => {
  const { log, lines } = logWith({ journal: true, level: "debug" });
  log("error", "Error: boom\n    at there", { request_id: "1" });
  for (const level of ["warn", "info", "debug"] as const) log(level, "x");
  deepEqual(lines.join("\n").split("\n"), [
    "<3>error Error: boom request_id=1",
    "<3>      at there",
    "<4>warn x",
    "<6>info x",
    "<7>debug x",
  ]);
});

test("keys never get in, not even the shorter of two that begin alike", () => {
  const { program, log, lines } = logWith({});
  program.hide(["sk-12345678", "short"]);
  program.hide(["sk-12345678-more"]);
  log("error", "it said: bad key sk-12345678-more, sk-12345678; short", { path: "/x?api_key=sk-12345678" });
  match(lines[0] ?? "", /bad key \[secret\], \[secret\]; short path="\/x\?api_key=\[secret\]"/);
});

test("another receiver gets each line as it is, until it has enough; what it logs is only written", () => {
  const { program, log, lines } = logWith({ level: "warn" });
  const got: string[] = [];
  const stop = program.also(({ level, message, fields, timeMs }) => {
    got.push(`${level} ${message} ${JSON.stringify(fields)} ${timeMs}`);
    log("error", "the receiver is in trouble");
  });
  log("warn", "one", { a: 1 });
  log("info", "not this");
  stop();
  log("warn", "two");
  deepEqual(got, [`warn one {"a":1} ${TIME}`]);
  equal(lines.length, 3);
});

test("what nobody reads is left out and counted", () => {
  let full = true;
  const { log, lines } = logWith({}, () => full);
  for (let times = 0; times < 3; times++) log("info", "x");
  full = false;
  log("info", "y");
  match(lines.join("\n"), /warn 3 lines of this log are missing: nobody read it dropped=3\n.* info y$/);
});

test("colours only on a terminal, and as NO_COLOR and FORCE_COLOR say", () => {
  const coloursOf = (env: Record<string, string>, err: boolean) =>
    logSettings({}, { env, isTerminal: { out: false, err } }).colours;
  deepEqual([coloursOf({}, true), coloursOf({}, false)], [true, false]);
  deepEqual([coloursOf({ NO_COLOR: "1" }, true), coloursOf({ TERM: "dumb" }, true)], [false, false]);
  deepEqual([coloursOf({ FORCE_COLOR: "1" }, false), coloursOf({ FORCE_COLOR: "0" }, true)], [true, false]);
  const { log, lines } = logWith({ colours: true });
  log("warn", "x", { a: 1 });
  ok(lines[0]?.includes("\u001b[33mwarn\u001b[0m x \u001b[2ma=1\u001b[0m"));
});

test("the option wins over the environment, which must make sense", () => {
  const env = { OPENSOURCELLMROUTER_LOG_FORMAT: "JSON", OPENSOURCELLMROUTER_LOG_LEVEL: "debug" };
  const { format, level } = logSettings({ "log-level": "error" }, { env });
  deepEqual([format, level], ["json", "error"]);
  deepEqual(logSettings({}, { env: {} }), PLAIN);
  const wrong = { OPENSOURCELLMROUTER_LOG_LEVEL: "loud" };
  throws(() => logSettings({}, { env: wrong }), /LOG_LEVEL must be one of error, warn, info, debug, not "loud"/);
});

test("the journal is known by the device and inode of what it gave", () => {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  const file = openSync(join(folder, "stream"), "w");
  try {
    const { dev, ino } = fstatSync(file);
    equal(isJournal({ JOURNAL_STREAM: `${dev}:${ino}` }, file), true);
    equal(isJournal({ JOURNAL_STREAM: `${dev}:${ino + 1}` }, file), false);
    equal(isJournal({}, file), false);
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
});
