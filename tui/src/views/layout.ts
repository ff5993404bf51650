export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Where the panes are. `stacked`: one above the other. `split`: the feed above, statistics and chat side by side below.
 * `beside`: the feed on the left, statistics above the chat on the right. `single`: room for the one in use only.
 */
export interface Layout {
  readonly kind: "stacked" | "split" | "beside" | "single" | "none";
  /** With borders all around; else each pane has a line above. */
  readonly isBoxed: boolean;
  /** Outer sizes. */
  readonly feed: Size;
  readonly stats: Size;
  readonly chat: Size;
  /** All of them together: what a page takes that stands in their place. */
  readonly body: Size;
}

const NOTHING: Size = { width: 0, height: 0 };
/** One line of title above, one of keys below. */
const CHROME = 2;

/** The chat gets more room while one writes. */
export function layoutOf(columns: number, rows: number, isChatting: boolean): Layout {
  const body = { width: columns, height: Math.max(0, rows - CHROME) };
  const none = { feed: NOTHING, stats: NOTHING, chat: NOTHING };
  if (columns < 30 || rows < 6) return { kind: "none", isBoxed: false, ...none, body };
  if (rows < 18 || columns < 56) {
    const shown = isChatting ? { chat: body } : { feed: body };
    return { kind: "single", isBoxed: false, ...none, ...shown, body };
  }
  if (columns >= 170) return beside(body);
  if (columns >= 100) return split(body, isChatting);
  return stacked(body, isChatting);
}

function stacked(body: Size, isChatting: boolean): Layout {
  const { width, height } = body;
  const stats = Math.min(11, Math.max(5, Math.floor(height * 0.26)));
  const rest = height - stats;
  const chat = isChatting ? Math.ceil(rest * 0.62) : Math.max(6, Math.floor(rest * 0.4));
  return {
    kind: "stacked",
    isBoxed: false,
    feed: { width, height: rest - chat },
    stats: { width, height: stats },
    chat: { width, height: chat },
    body,
  };
}

function split(body: Size, isChatting: boolean): Layout {
  const { width, height } = body;
  const lower = Math.max(9, Math.floor(height * (isChatting ? 0.58 : 0.46)));
  const left = Math.min(64, Math.floor(width * 0.44));
  return {
    kind: "split",
    isBoxed: height >= 26,
    feed: { width, height: height - lower },
    stats: { width: left, height: lower },
    chat: { width: width - left, height: lower },
    body,
  };
}

function beside(body: Size): Layout {
  const { width, height } = body;
  const right = Math.min(96, Math.floor(width * 0.4));
  const stats = Math.min(24, Math.max(9, Math.floor(height * 0.46)));
  return {
    kind: "beside",
    isBoxed: height >= 20,
    feed: { width: width - right, height },
    stats: { width: right, height: stats },
    chat: { width: right, height: height - stats },
    body,
  };
}

/** Inside of a pane's borders. */
export function inside({ width, height }: Size, isBoxed: boolean): Size {
  return isBoxed
    ? { width: Math.max(0, width - 4), height: Math.max(0, height - 2) }
    : { width, height: Math.max(0, height - 1) };
}
