import { AnswerError, type Asked, ask, type Head, type Post } from "./ask.ts";
import { blocksAfter, callsIn } from "./formats/blocks.ts";
import type { Block, ClientFormat, Prompt, Said, Thinking, ToolResult, Turn } from "./formats/format.ts";
import { formatNamed } from "./formats/index.ts";
import { type PluginChoice, pluginCallOf } from "./plugins.ts";
import { toolsOf } from "./tools.ts";

export interface Settings {
  system: string;
  /** As typed; empty: not sent. */
  temperature: string;
  maxTokens: string;
  thinking: Thinking | "";
  /** JSON as typed. */
  tools: string;
  plugins: readonly PluginChoice[];
  /** A client's, where the page's own opens nothing for clients; empty: the page's own. In memory, as all of these: gone with a reload. */
  clientKey: string;
}

export interface Problem {
  message: string;
  /** HTTP status, when the router answered with an error. */
  status?: number;
  /** The whole body of the error. */
  body?: string;
}

export interface Answer {
  role: "answer";
  state: "waiting" | "saying" | "done" | "stopped" | "failed";
  asked: Asked;
  head: Head | undefined;
  blocks: readonly Block[];
  finish: string | undefined;
  inputTokens: number | undefined;
  outputTokens: number | undefined;
  problem: Problem | undefined;
}

export type Entry = Exclude<Turn, { role: "assistant" }> | Answer;

/** One conversation: with what it is held, and what was said. */
export interface Lane {
  model: string;
  format: string;
  entries: readonly Entry[];
}

export interface SessionView {
  settings: Settings;
  /** One, or two side by side. */
  lanes: readonly Lane[];
  draft: string;
  isBusy: boolean;
}

export interface SessionParts {
  post: Post;
  /** Calls `draw` soon, and once for many changes. */
  schedule(draw: () => void): void;
}

const SETTINGS: Settings = {
  system: "",
  temperature: "",
  maxTokens: "",
  thinking: "",
  tools: "",
  plugins: [],
  clientKey: "",
};
const NO_RESULT = "(no result)";

/** The playground's conversations, in memory only. They go on while another view is looked at. */
export class Session {
  readonly #parts: SessionParts;
  readonly #listeners = new Set<() => void>();
  readonly #running = new Map<number, AbortController>();
  #view: SessionView = {
    settings: SETTINGS,
    lanes: [{ model: "", format: "openai", entries: [] }],
    draft: "",
    isBusy: false,
  };
  #isScheduled = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  readonly view = (): SessionView => this.#view;

  /** For useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  set(settings: Partial<Settings>): void {
    this.#change({ settings: { ...this.#view.settings, ...settings } });
  }

  write(draft: string): void {
    this.#change({ draft });
  }

  setLane(index: number, change: Partial<Pick<Lane, "model" | "format">>): void {
    this.#changeLane(index, (lane) => ({ ...lane, ...change }));
    this.#tell();
  }

  /** The second conversation begins with what was said in the first. */
  compare(on: boolean): void {
    const [first] = this.#view.lanes;
    if (!first || on === this.#view.lanes.length > 1) return;
    if (!on) this.#running.get(1)?.abort();
    this.#change({ lanes: on ? [first, { ...first, entries: [] }] : [first] });
  }

  /** Asks every lane the same. Throws when the settings cannot be sent. */
  send(text: string): void {
    this.#checked();
    for (const index of this.#view.lanes.keys()) {
      this.#answerOpenCalls(index);
      this.#append(index, { role: "user", text });
      this.#ask(index);
    }
    this.write("");
  }

  /** What the tools of the last answer of a lane said. */
  sendResults(index: number, results: readonly ToolResult[]): void {
    this.#checked();
    this.#append(index, { role: "tool", results });
    this.#ask(index);
  }

  stop(): void {
    for (const running of this.#running.values()) running.abort();
  }

  clear(): void {
    this.stop();
    this.#change({ lanes: this.#view.lanes.map((lane) => ({ ...lane, entries: [] })) });
  }

  /** What a lane would be asked with `text` behind what was said. */
  prompt(index: number, text?: string): Prompt {
    const { lanes } = this.#view;
    const lane = lanes[index];
    const turns = (lane?.entries ?? []).flatMap(turnsOf);
    const asked: Turn[] = text === undefined ? turns : [...turns, { role: "user", text }];
    return { model: lane?.model ?? "", turns: asked, ...this.#checked() };
  }

  #checked(): Omit<Prompt, "model" | "turns"> {
    const { system, temperature, maxTokens, thinking, tools, plugins } = this.#view.settings;
    return {
      system,
      temperature: numberOf("temperature", temperature),
      maxTokens: numberOf("max tokens", maxTokens),
      thinking: thinking === "" ? undefined : thinking,
      tools: toolsOf(tools),
      plugins: plugins.map(pluginCallOf),
    };
  }

  #ask(index: number): void {
    const lane = this.#view.lanes[index];
    if (!lane) return;
    const format = formatNamed(lane.format);
    const asked = { path: format.path(lane.model), body: JSON.stringify(format.body(this.prompt(index))) };
    const running = new AbortController();
    this.#running.get(index)?.abort();
    this.#running.set(index, running);
    this.#append(index, {
      role: "answer",
      state: "waiting",
      asked,
      head: undefined,
      blocks: [],
      finish: undefined,
      inputTokens: undefined,
      outputTokens: undefined,
      problem: undefined,
    });
    void this.#listen(index, format, asked, running);
  }

  async #listen(index: number, format: ClientFormat, asked: Asked, running: AbortController): Promise<void> {
    const change = (next: (answer: Answer) => Answer) => this.#changeAnswer(index, asked, next);
    const ear = {
      onHead: (head: Head) => change((answer) => ({ ...answer, head })),
      onSaid: (said: readonly Said[]) => change((answer) => said.reduce(answerAfter, answer)),
    };
    try {
      await ask(this.#parts.post, format, asked, ear, running.signal);
      change((answer) => ({ ...answer, state: answer.problem ? "failed" : "done" }));
    } catch (error) {
      if (running.signal.aborted) change((answer) => ({ ...answer, state: "stopped" }));
      else change((answer) => ({ ...answer, state: "failed", problem: problemOf(error) }));
    } finally {
      if (this.#running.get(index) === running) this.#running.delete(index);
      this.#change({});
    }
  }

  /** APIs refuse a question behind calls nobody answered. */
  #answerOpenCalls(index: number): void {
    const last = this.#view.lanes[index]?.entries.at(-1);
    if (last?.role !== "answer") return;
    const results = callsIn(last.blocks).map(({ id, name }) => ({ id, name, text: NO_RESULT }));
    if (results.length > 0) this.#append(index, { role: "tool", results });
  }

  #append(index: number, entry: Entry): void {
    this.#changeLane(index, (lane) => ({ ...lane, entries: [...lane.entries, entry] }));
  }

  /** `asked` names the answer: the lane may have been cleared meanwhile. */
  #changeAnswer(index: number, asked: Asked, next: (answer: Answer) => Answer): void {
    this.#changeLane(index, (lane) => ({
      ...lane,
      entries: lane.entries.map((entry) => (entry.role === "answer" && entry.asked === asked ? next(entry) : entry)),
    }));
  }

  #changeLane(index: number, next: (lane: Lane) => Lane): void {
    this.#change({ lanes: this.#view.lanes.map((lane, place) => (place === index ? next(lane) : lane)) });
  }

  #change(change: Partial<SessionView>): void {
    this.#view = { ...this.#view, ...change, isBusy: this.#running.size > 0 };
    // A field that is typed into must show it at once; what is said may wait for the next frame.
    if (change.lanes === undefined) return this.#tell();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#parts.schedule(() => this.#tell());
  }

  #tell(): void {
    this.#isScheduled = false;
    for (const listener of this.#listeners) listener();
  }
}

function answerAfter(answer: Answer, said: Said): Answer {
  switch (said.type) {
    case "usage":
      return {
        ...answer,
        inputTokens: said.input ?? answer.inputTokens,
        outputTokens: said.output ?? answer.outputTokens,
      };
    case "finish":
      return { ...answer, finish: said.reason };
    case "error":
      return { ...answer, problem: { message: said.message } };
    default:
      return { ...answer, state: "saying", blocks: blocksAfter(answer.blocks, said) };
  }
}

/** An answer without content is none: sent back it would be refused. */
function turnsOf(entry: Entry): Turn[] {
  if (entry.role !== "answer") return [entry];
  return entry.blocks.length === 0 ? [] : [{ role: "assistant", blocks: entry.blocks }];
}

function numberOf(name: string, typed: string): number | undefined {
  if (typed.trim() === "") return undefined;
  const value = Number(typed);
  if (!Number.isFinite(value)) throw new Error(`${name} is no number: ${typed}`);
  return value;
}

function problemOf(error: unknown): Problem {
  if (error instanceof AnswerError) return { message: error.message, status: error.status, body: error.body };
  return { message: error instanceof Error ? error.message : String(error) };
}
