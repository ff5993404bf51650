import { render, type useApp } from "ink";
import type { TuiEnd, TuiOptions } from "../../src/cli/tui/contract.ts";
import { App } from "./app/app.tsx";
import { Tui } from "./app/tui.ts";
import { painter, wantsColour } from "./terminal/paint.ts";

/**
 * A line that is wider than the terminal (they do not agree on how wide an emoji is) must be cut there and not go on in the
 * next row, where it would push everything down.
 */
const NO_WRAP = "\u001b[?7l";
const WRAP = "\u001b[?7h";

/** Opens the TUI; resolves when it was left and the terminal is as it was before. Rejects on a mistake of its own, likewise. */
export async function startTui({ base, key, model, terminal, signal }: TuiOptions): Promise<TuiEnd> {
  const { stdin, stdout, env } = terminal;
  const tui = new Tui({ base, key, model, now: Date.now });
  const onAbort = () => tui.end(0);
  const instance = render(
    <App
      tui={tui}
      paint={painter(wantsColour(env))}
      suspend={(suspendTerminal) => void suspended(suspendTerminal, stdout).catch((error) => tui.fail(error))}
      redraw={() => instance.clear()}
    />,
    {
      stdin,
      stdout,
      exitOnCtrlC: false,
      interactive: true,
      alternateScreen: true,
      incrementalRendering: true,
      isScreenReaderEnabled: false,
      maxFps: 60,
    },
  );
  // React breaks off on a mistake in drawing.
  instance.waitUntilExit().then(
    () => tui.end(0),
    (error: unknown) => tui.fail(error),
  );
  signal?.addEventListener("abort", onAbort);
  try {
    stdout.write(NO_WRAP);
    tui.start();
    if (signal?.aborted) onAbort();
    return await tui.ended;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    stdout.write(WRAP);
    instance.unmount();
    await instance.waitUntilExit().catch(() => undefined);
    stdin.pause();
  }
}

/** Stops the whole job, as Ctrl-Z does where nobody catches it, and goes on when the shell lets it. */
async function suspended(
  suspendTerminal: ReturnType<typeof useApp>["suspendTerminal"],
  stdout: NodeJS.WritableStream,
): Promise<void> {
  stdout.write(WRAP);
  await suspendTerminal(async () => {
    process.kill(0, "SIGTSTP");
    // No timer runs while it is stopped. Where nobody can stop it (no shell is its parent), it goes on at once.
    await new Promise((resolve) => setTimeout(resolve, 100));
  });
  stdout.write(NO_WRAP);
}
