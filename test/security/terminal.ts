import { isUtf8 } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sharedCompiled } from "../support/compiled.ts";
import type { Weakening } from "../support/router.ts";
import { until } from "../support/until.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const WEAKEN = new URL("./weaken.ts", import.meta.url).href;

/** All that a terminal could obey: controls of both kinds, sequences of each kind, whole and open, and what turns text around. */
export const ORDERS = [
  ...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).filter((sign) => !"\t\n".includes(sign)),
  ...Array.from({ length: 33 }, (_, code) => String.fromCharCode(0x7f + code)),
  "\x1b[5m", // CSI: blinks,
  "\x1b[6n", // has the terminal type,
  "\x1b[8m", // hides,
  "\x1b[38;5;9m", // colours,
  "\x1b[?1000h", // takes the mouse
  "\x9b6n", // and so in eight bits.
  "\x1b]52;c;aGk=\x07", // OSC: the clipboard,
  "\x1b]52;c;aGk=\x1b\\",
  "\x9d52;c;aGk=\x9c",
  "\x1b]0;title\x07",
  "\x1b]8;;http://evil.test\x1b\\link\x1b]8;;\x1b\\",
  '\x1bP$q"p\x1b\\', // DCS
  "\x90$q\x9c",
  "\x1b_Gi=1;x\x1b\\", // APC
  "\x1b^x\x1b\\", // PM
  "\x1bXx\x1b\\", // SOS
  "\x1bc", // resets it
  "\u202etxet\u202c",
  "\u2066x\u2069",
  "\u061c",
  "\u200e",
  "\x1b]52;c;", // without an end
  "\x1bP",
  "\x1b[",
].join("-");

/** So short that no view cuts it off: a turn, a blink, OSC 52, a question in both kinds, and one that is open. */
export const FEW_ORDERS = "\u202e\x1b[5m\x1b]52;c;aGk=\x07\x9b6n\x1b[6n\x1b";

/** Lines of ours have colours, and nothing else. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
export const COLOURS = /\x1b\[(?:[012]|3[1-6]|9[0-6])m|\r\n/g;
/** The terminal UI besides moves about, draws anew, and has a screen of its own. */
export const DRAWING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /\x1b\[(?:\d*[A-HJK]|\d+;\d+H|\?(?:7|25|1049|2004|2026)[hl]|(?:[01247]|2[2-9]|3[1-79]|9[0-7])(?:;\d+)*m)|\r\n|\r/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const SEQUENCE = /\x1b\[[\d;?]*[A-Za-z]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const ORDER = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** What of it is an order that is not ours, with what stands around it. */
export function orderIn(bytes: Buffer, own: RegExp): string | undefined {
  if (!isUtf8(bytes)) return "bytes that are no UTF-8";
  const rest = bytes.toString().replace(own, "");
  const at = rest.search(ORDER);
  return at === -1 ? undefined : JSON.stringify(rest.slice(Math.max(0, at - 60), at + 60));
}

export interface Shown {
  /** The bytes its terminal got so far. */
  bytes(): Buffer;
  /** Waits until they hold that since the last key, sequences left out. */
  sees(text: string | RegExp): Promise<void>;
  press(keys: string): void;
  ended: Promise<unknown>;
  end(): Promise<void>;
}

export interface TerminalOptions {
  readonly weakenings: readonly Weakening[];
  readonly env?: Record<string, string>;
}

/** Runs the program in `folder`, on a terminal of its own that writes down what it is given (`script`, of util-linux). */
export function inTerminal(folder: string, args: readonly string[], { weakenings, env = {} }: TerminalOptions): Shown {
  const imports = weakenings.length > 0 ? ["--import", WEAKEN] : [];
  const words = [process.execPath, ...imports, MAIN, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const pidFile = join(folder, `pid-${Math.random().toString(36).slice(2)}`);
  const line = `stty cols 120 rows 40; echo $$ > ${pidFile}; exec ${words.join(" ")}`;
  const child = spawn("script", ["-qfec", line, "/dev/null"], {
    cwd: folder,
    env: {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: folder,
      ...sharedCompiled(),
      SHELL: "/bin/sh",
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
      ...(weakenings.length > 0 && { WEAKEN: JSON.stringify(weakenings) }),
      ...env,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => void chunks.push(chunk));
  // It may be gone when a key is pressed.
  child.stdin.on("error", () => undefined);
  const ended = once(child, "close");
  const bytes = () => Buffer.concat(chunks);
  let since = 0;
  const kill = () => killed(pidFile, child);
  process.once("exit", kill);
  void ended.then(() => process.off("exit", kill));
  return {
    bytes,
    async sees(text) {
      const isThere = () => {
        const words = bytes().subarray(since).toString().replace(SEQUENCE, "");
        return typeof text === "string" ? words.includes(text) : text.test(words);
      };
      const hasEnded = () => child.exitCode !== null;
      await until(() => isThere() || hasEnded(), `${text} on the terminal`, 60_000);
      if (!isThere()) throw new Error(`it ended without ${text}: ${JSON.stringify(bytes().toString())}`);
    },
    press(keys) {
      since = bytes().length;
      child.stdin.write(keys);
    },
    ended,
    async end() {
      kill();
      await ended;
    },
  };
}

/** Without its program `script` ends by itself. */
function killed(pidFile: string, child: ChildProcess): void {
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0;
  try {
    if (pid > 0) process.kill(pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}
