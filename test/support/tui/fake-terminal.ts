import { PassThrough, Writable } from "node:stream";
import xterm from "@xterm/headless";

const { Terminal } = xterm;

/** A terminal in this process: what is written to it is a screen, and it has keys. */
export interface FakeTerminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** All that was ever written to it. */
  readonly written: string;
  /** The lines of its screen as they are now, without blanks at their ends. */
  screen(): Promise<string[]>;
  /** As a keyboard would: `\r` is Enter. */
  press(keys: string): void;
  resize(columns: number, rows: number): void;
  /** The alternate screen is shown. */
  readonly isAlternate: boolean;
  readonly isRaw: boolean;
}

export function fakeTerminal(columns: number, rows: number): FakeTerminal {
  // The line discipline of a real one makes CR LF of LF.
  const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0, convertEol: true });
  let written = "";
  const output = new Writable({
    write(chunk: Buffer | string, _encoding, done) {
      written += chunk.toString();
      terminal.write(chunk.toString(), done);
    },
  });
  const stdout = Object.assign(output, {
    isTTY: true,
    columns,
    rows,
    getColorDepth: () => 8,
    hasColors: () => true,
    getWindowSize: () => [terminal.cols, terminal.rows],
  });
  const keys = new PassThrough();
  const raw = { isRaw: false };
  const stdin = Object.assign(keys, {
    isTTY: true,
    setRawMode(isRaw: boolean) {
      raw.isRaw = isRaw;
      return stdin;
    },
    ref: () => stdin,
    unref: () => stdin,
  });
  return {
    // What a program looks at of a terminal is there.
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    get written() {
      return written;
    },
    async screen() {
      await new Promise<void>((resolve) => terminal.write("", resolve));
      const { active } = terminal.buffer;
      return Array.from({ length: terminal.rows }, (_, index) =>
        (active.getLine(active.viewportY + index)?.translateToString(true) ?? "").trimEnd(),
      );
    },
    press: (text) => void keys.write(text),
    resize(toColumns, toRows) {
      terminal.resize(toColumns, toRows);
      Object.assign(stdout, { columns: toColumns, rows: toRows });
      stdout.emit("resize");
    },
    get isAlternate() {
      return terminal.buffer.active.type === "alternate";
    },
    get isRaw() {
      return raw.isRaw;
    },
  };
}
