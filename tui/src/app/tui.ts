import type { JsonObject } from "../../../src/core/json.ts";
import { streamChat } from "../../../src/remote/chat.ts";
import { RemoteRouter } from "../../../src/remote/remote-router.ts";
import type { LiveRow } from "../../../web/src/live/row.ts";
import { Conversation } from "../chat/conversation.ts";
import { type Draft, EMPTY } from "../chat/editor.ts";
import { type History, NO_HISTORY } from "../chat/history.ts";
import { RowFilter, whileTyped } from "../feed/filter.ts";
import { FOLLOWING, type Selection, shifted } from "../feed/selection.ts";
import type { Colour } from "../terminal/line.ts";
import { Frames } from "./frames.ts";
import { Live } from "./live.ts";

/** What stands in the place of the panes. */
export type Page =
  | { readonly kind: "detail"; readonly id: string; readonly record: JsonObject | undefined; readonly missing?: string }
  | { readonly kind: "providers" }
  | { readonly kind: "help" };

export interface Notice {
  readonly text: string;
  readonly isBad: boolean;
  readonly untilMs: number;
}

export interface TuiParts {
  readonly base: string;
  readonly key: string | undefined;
  readonly model: string | undefined;
  readonly now: () => number;
}

/** A name that any router may have a rule for. */
const UNCHOSEN = "auto";
const NOTICE_MS = 8_000;
const COLOURS: readonly Colour[] = ["cyan", "magenta", "blue", "green", "yellow"];
const TICK_MS = 200;

/** All the TUI knows and shows. Keys change it (`press.ts`), the feed does, and `screen.ts` draws it. */
export class Tui {
  readonly base: string;
  readonly frames = new Frames();
  readonly live: Live;
  readonly chat: Conversation;
  readonly now: () => number;
  focus: "feed" | "chat" = "feed";
  page: Page | undefined;
  /** Lines above those of the page that are shown. */
  scroll = 0;
  selection: Selection = FOLLOWING;
  /** As typed. */
  filter = "";
  /** The filter while it is being typed. */
  filtering: Draft | undefined;
  /** The rows as they were when the list was halted. */
  paused: { readonly rows: readonly LiveRow[]; readonly started: number } | undefined;
  draft: Draft = EMPTY;
  history: History = NO_HISTORY;
  /** Lines below those of the chat that are shown. */
  chatScroll = 0;
  notice: Notice | undefined;
  /** Of the terminal. */
  columns = 80;
  rows = 24;
  readonly #colours = new Map<string, Colour>();
  readonly #stop = new AbortController();
  readonly #end = Promise.withResolvers<{ exitCode: number; message?: string }>();
  #shown: readonly LiveRow[] = [];
  #filter = { text: "", rows: new RowFilter("") };
  #filtered: { source: readonly LiveRow[]; filter: string; rows: readonly LiveRow[] } | undefined;
  #ticks = 0;
  #hasModel: boolean;

  constructor({ base, key, model, now }: TuiParts) {
    this.base = base;
    this.now = now;
    this.#hasModel = model !== undefined;
    const router = new RemoteRouter(base, key);
    const changed = () => this.frames.changed();
    const ask = (request: Parameters<typeof streamChat>[1], signal: AbortSignal) => streamChat(router, request, signal);
    this.chat = new Conversation(model ?? UNCHOSEN, { ask, now, changed });
    this.live = new Live({
      router,
      now,
      changed: () => this.#changed(),
      notice: (text, isBad) => this.tell(text, isBad),
      completed: (event) => this.chat.completed(event),
      refused: (error) => this.end(1, error.message),
    });
  }

  /** How it ended. */
  get ended(): Promise<{ exitCode: number; message?: string }> {
    return this.#end.promise;
  }

  start(): void {
    const ticking = setInterval(() => this.guard(() => this.#tick()), TICK_MS);
    this.#stop.signal.addEventListener("abort", () => clearInterval(ticking));
    this.live.follow(this.#stop.signal).catch((error: unknown) => this.fail(error));
  }

  end(exitCode: number, message?: string): void {
    this.chat.cancel();
    this.#stop.abort();
    this.frames.stop();
    this.#end.resolve({ exitCode, ...(message !== undefined && { message }) });
  }

  /** A mistake of our own: the terminal is put back before it is told. */
  fail(error: unknown): void {
    this.#end.reject(error);
    this.end(1);
  }

  guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.fail(error);
    }
  }

  tell(text: string, isBad = false): void {
    this.notice = { text, isBad, untilMs: this.now() + NOTICE_MS };
    this.frames.changed();
  }

  /** Rows of the list, newest first: all that pass the filter. */
  get list(): readonly LiveRow[] {
    const source = this.paused?.rows ?? this.live.book.rows;
    const filter = this.filtering === undefined ? this.filter : whileTyped(this.filtering.text);
    if (this.#filtered?.source !== source || this.#filtered.filter !== filter) {
      if (this.#filter.text !== filter) this.#filter = { text: filter, rows: new RowFilter(filter) };
      this.#filtered = { source, filter, rows: filter === "" ? source : this.#filter.rows.of(source) };
    }
    return this.#filtered.rows;
  }

  /** The row as it is now, also while the list is halted. */
  row(id: string): LiveRow | undefined {
    return this.live.book.find(id) ?? this.paused?.rows.find((row) => row.id === id);
  }

  /** The same for a provider as long as it runs. */
  readonly colourOf = (provider: string): Colour => {
    const known = this.#colours.get(provider);
    if (known !== undefined) return known;
    const colour = COLOURS[this.#colours.size % COLOURS.length] ?? "cyan";
    this.#colours.set(provider, colour);
    return colour;
  };

  /** Halts the list, or lets it go on. */
  pause(): void {
    const { rows, started } = this.live.book;
    this.paused = this.paused === undefined ? { rows, started } : undefined;
    this.selection = shifted(this.selection, this.#shown, this.list);
    this.#shown = this.list;
  }

  /** Opens the detail of an exchange; its record follows. */
  open(id: string): void {
    this.page = { kind: "detail", id, record: undefined };
    this.scroll = 0;
    if (this.row(id)?.endedMs !== undefined) this.#load(id);
  }

  #load(id: string): void {
    this.live.record(id).then(
      (found) => {
        if (this.page?.kind !== "detail" || this.page.id !== id) return;
        const isText = typeof found === "string";
        this.page = { kind: "detail", id, record: isText ? undefined : found, ...(isText && { missing: found }) };
        this.frames.changed();
      },
      (error: unknown) => this.fail(error),
    );
  }

  #changed(): void {
    const rows = this.list;
    this.selection = shifted(this.selection, this.#shown, rows);
    this.#shown = rows;
    if (!this.#hasModel && this.live.models[0] !== undefined) {
      this.#hasModel = true;
      // Its user may have been quicker.
      if (this.chat.model === UNCHOSEN) this.chat.model = this.live.models[0];
    }
    const { page } = this;
    // It was under way when it was opened.
    if (page?.kind === "detail" && page.record === undefined && page.missing === undefined) {
      if (this.live.book.record(page.id) !== undefined) this.#load(page.id);
    }
    this.frames.changed();
  }

  /** Clocks and spinners turn; on a quiet screen once a second. */
  #tick(): void {
    this.#ticks++;
    this.live.isWatched = this.page?.kind === "providers";
    this.live.poll();
    if (this.notice !== undefined && this.notice.untilMs <= this.now()) this.notice = undefined;
    const isTurning = this.chat.isRunning || this.live.stats.inFlight > 0;
    if (isTurning || this.#ticks % 5 === 0) this.frames.changed();
  }
}
