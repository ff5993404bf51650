import { Box, Text, useApp, useCursor, useInput, usePaste, useWindowSize } from "ink";
import { useSyncExternalStore } from "react";
import { paste, pressesOf } from "../terminal/keys.ts";
import type { Line } from "../terminal/line.ts";
import type { Paint } from "../terminal/paint.ts";
import { pressed } from "./press.ts";
import { type Screen, screenOf } from "./screen.ts";
import type { Tui } from "./tui.ts";

interface AppProps {
  readonly tui: Tui;
  readonly paint: Paint;
  /** Lets the shell have the terminal until it gives it back. */
  readonly suspend: (suspendTerminal: ReturnType<typeof useApp>["suspendTerminal"]) => void;
  /** Draws everything anew. */
  readonly redraw: () => void;
}

/** The whole TUI: takes keys, and draws what `screenOf` says. */
export function App({ tui, paint, suspend, redraw }: AppProps) {
  const { suspendTerminal } = useApp();
  const { columns, rows } = useWindowSize();
  const { setCursorPosition } = useCursor();
  useSyncExternalStore(tui.frames.subscribe, tui.frames.snapshot);
  useInput((input, key) => {
    tui.guard(() => {
      for (const press of pressesOf(input, key)) {
        if (press.ctrl && press.text === "z") suspend(suspendTerminal);
        else if (press.ctrl && press.text === "l") redraw();
        else pressed(tui, press);
      }
      tui.frames.now();
    });
  });
  usePaste((text) => {
    tui.guard(() => {
      pressed(tui, paste(text));
      tui.frames.now();
    });
  });
  tui.columns = columns;
  tui.rows = rows;
  const screen = screenOf(tui);
  setCursorPosition(screen.cursor);
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Lines lines={[screen.top]} paint={paint} />
      <Body screen={screen} paint={paint} />
      <Lines lines={[screen.bottom]} paint={paint} />
    </Box>
  );
}

function Body({ screen, paint }: { readonly screen: Screen; readonly paint: Paint }) {
  const { layout, page } = screen;
  if (page !== undefined) return <Lines lines={page} paint={paint} />;
  const feed = <Lines lines={screen.feed} paint={paint} />;
  const stats = <Lines lines={screen.stats} paint={paint} />;
  const chat = <Lines lines={screen.chat} paint={paint} />;
  if (layout.kind === "split") {
    return (
      <>
        {feed}
        <Box>
          {stats}
          {chat}
        </Box>
      </>
    );
  }
  if (layout.kind === "beside") {
    return (
      <Box>
        {feed}
        <Box flexDirection="column">
          {stats}
          {chat}
        </Box>
      </Box>
    );
  }
  return (
    <>
      {feed}
      {stats}
      {chat}
    </>
  );
}

/** Lines that are cut and filled to their width already. */
function Lines({ lines, paint }: { readonly lines: readonly Line[]; readonly paint: Paint }) {
  return (
    <Box flexDirection="column" flexShrink={0}>
      {lines.map((line, index) => (
        <Text key={index} wrap="truncate">
          {paint(line)}
        </Text>
      ))}
    </Box>
  );
}
