import type { Status } from "../api/routing.ts";
import { type LogNames, logNames } from "../record/log-names.ts";
import { readBytes } from "./follow/log-files.ts";
import { LogFollower } from "./follow/log-follower.ts";
import { placeOf, rowOfColumns } from "./index/columns.ts";
import { OpenIndex, removeIndex } from "./index/open-index.ts";
import { MemoryLog } from "./memory-log.ts";
import type { FromWorker, Question, Source } from "./messages.ts";
import { type IndexProblem, problemOf } from "./problem.ts";
import { type StoredExchange, StoreError } from "./store.ts";

/** So long it works, then it looks whether there is a question. */
const PIECE_MS = 10;
/** The log is looked at so often. */
const POLL_MS = 400;
const RETRY_MS: Record<IndexProblem["kind"], number> = { corrupt: 100, busy: 1_000, lasting: 2_000, bug: 30_000 };
/** An index that is corrupt again and again is not the file's fault, but the disk's. One that was well for so long is. */
const MAX_REBUILDS = 3;
const WELL_MS = 10 * 60_000;
const HOPELESS_RETRY_MS = 60_000;
const STATE_MS = 500;
/** A longer record is not given out: it is copied several times on its way, and the thread has only so much memory. */
const MAX_RECORD_BYTES = 32 * 1024 * 1024;

interface Opened {
  index: OpenIndex;
  log: LogFollower | MemoryLog;
}

/** What the worker does: keeps the index up to the log, answers questions in between, and mends what can be mended. */
export class Keeper {
  readonly #source: Source;
  readonly #names: LogNames | undefined;
  readonly #post: (message: FromWorker) => void;
  #opened: Opened | undefined;
  #pass: Generator<void> | undefined;
  #cancel: () => void = () => undefined;
  /** For a log in memory. */
  readonly #lines: string[] = [];
  #problem: IndexProblem | undefined;
  #rebuilds = 0;
  #rebuiltAt = 0;
  #indexing = true;
  #closed = false;
  #told = "";
  #toldAt = 0;
  /** Lines of the pass under way. */
  #taken = 0;
  /** Waiting for a pass that begins after they asked. */
  #waiting: number[] = [];
  #served: number[] = [];

  constructor(source: Source, post: (message: FromWorker) => void) {
    this.#source = source;
    this.#names = source.kind === "file" ? logNames(source.path) : undefined;
    this.#post = post;
    this.#soon();
  }

  take(lines: readonly string[]): void {
    this.#lines.push(...lines);
    if (!this.#pass) this.#soon();
  }

  ask(number: number, question: Question): void {
    if (question.kind === "caught-up") {
      this.#waiting.push(number);
      if (!this.#pass) this.#soon();
      return;
    }
    try {
      this.#post({ type: "answer", number, json: JSON.stringify(this.#answer(question) ?? null) });
    } catch (error) {
      this.#refuse([number], error);
      if (!(error instanceof StoreError)) this.#failedToAnswer(error);
    }
  }

  /** What is under way is finished by the next one: the log has it. */
  close(): void {
    this.#closed = true;
    this.#cancel();
    this.#pass?.return(undefined);
    this.#refuse([...this.#waiting, ...this.#served], new StoreError("the store is closed"));
    try {
      this.#opened?.index.rollback();
      this.#opened?.index.close();
    } catch (error) {
      this.#tell("warn", problemOf(error).message);
    }
  }

  #answer(question: Exclude<Question, { kind: "caught-up" }>): unknown {
    const opened = this.#opened;
    if (!opened) throw new StoreError(this.#problem?.message ?? "the index is being opened: ask again in a moment");
    switch (question.kind) {
      case "exchanges":
        return opened.index.lister.exchanges(question.query);
      case "exchange":
        return this.#exchange(opened, question.id);
      case "stats":
        return opened.index.stats.stats(question.query, Date.now());
    }
  }

  #exchange({ index, log }: Opened, id: string): StoredExchange | undefined {
    const columns = index.lister.find(id);
    if (!columns) return undefined;
    const row = rowOfColumns(columns);
    if (log instanceof MemoryLog) {
      const record = log.lineOf(Number(columns["seq"])) ?? null;
      return { row, record, missing: record === null ? "it was too long ago: only the latest are kept" : null };
    }
    return { row, ...recordAt(log, id, placeOf(columns)) };
  }

  #soon(): void {
    this.#cancel();
    if (this.#closed) return;
    const immediate = setImmediate(() => this.#work());
    this.#cancel = () => clearImmediate(immediate);
  }

  #later(ms: number): void {
    this.#cancel();
    if (this.#closed) return;
    const timeout = setTimeout(() => this.#work(), ms);
    this.#cancel = () => clearTimeout(timeout);
  }

  #work(): void {
    try {
      const began = performance.now();
      this.#pass ??= this.#beginPass();
      if (!this.#pass) return this.#later(POLL_MS);
      while (performance.now() - began < PIECE_MS) {
        if (this.#pass.next().done) return this.#passed();
      }
      this.#tellState();
      this.#soon();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Undefined: another process makes the index anew. */
  #beginPass(): Generator<void> | undefined {
    this.#served.push(...this.#waiting.splice(0));
    this.#opened ??= this.#open();
    if (!this.#opened.index.isInPlace) {
      this.#tell("warn", "the index was deleted or replaced: it is opened anew");
      this.#opened.index.close();
      this.#opened = this.#open();
      this.#indexing = true;
    }
    const { log, index } = this.#opened;
    this.#indexing ||= index.isHeld(Date.now());
    if (index.isHeld(Date.now())) return undefined;
    if (log instanceof LogFollower) return log.pass();
    const lines = this.#lines.splice(0);
    this.#taken = lines.length;
    return log.pass(lines);
  }

  #open(): Opened {
    if (!this.#names) {
      const index = OpenIndex.inMemory();
      return { index, log: new MemoryLog(index) };
    }
    const index = OpenIndex.at(this.#names.index);
    return { index, log: new LogFollower(this.#names, index) };
  }

  #passed(): void {
    this.#pass = undefined;
    if (this.#problem) this.#tell("info", "works again");
    this.#problem = undefined;
    this.#indexing = false;
    if (this.#taken > 0) this.#post({ type: "taken", lines: this.#taken });
    this.#taken = 0;
    for (const number of this.#served.splice(0)) this.#post({ type: "answer", number, json: "null" });
    this.#tellState();
    if (this.#waiting.length > 0 || this.#lines.length > 0) this.#soon();
    else if (this.#names) this.#later(POLL_MS);
  }

  #failed(error: unknown): void {
    const problem = problemOf(error);
    this.#pass = undefined;
    try {
      this.#giveUpPass(problem);
    } catch (another) {
      this.#opened = undefined;
      this.#tell("warn", problemOf(another).message);
    }
    if (problem.message !== this.#problem?.message)
      this.#tell(problem.kind === "bug" ? "error" : "warn", problem.message);
    this.#problem = problem;
    this.#refuse(this.#served.splice(0), new StoreError(problem.message));
    this.#tellState();
    this.#later(this.#rebuilds > MAX_REBUILDS ? HOPELESS_RETRY_MS : RETRY_MS[problem.kind]);
  }

  /** A question that cannot be answered says nothing of the index, unless SQLite or the disk does. */
  #failedToAnswer(error: unknown): void {
    const problem = problemOf(error);
    if (problem.kind === "bug") this.#tell("error", problem.message);
    else this.#failed(error);
  }

  #giveUpPass(problem: IndexProblem): void {
    const opened = this.#opened;
    if (problem.kind === "corrupt" && this.#names) return this.#rebuild(this.#names);
    if (!opened) return;
    opened.index.rollback();
    if (this.#names) opened.log = new LogFollower(this.#names, opened.index);
  }

  #rebuild(names: LogNames): void {
    const opened = this.#opened;
    this.#opened = undefined;
    opened?.index.close();
    if (performance.now() - this.#rebuiltAt > WELL_MS) this.#rebuilds = 0;
    this.#rebuiltAt = performance.now();
    if (++this.#rebuilds > MAX_REBUILDS) return;
    removeIndex(names.index);
    this.#indexing = true;
    this.#tell("warn", "the index is made anew from the log");
  }

  #refuse(numbers: readonly number[], error: unknown): void {
    // Where in the code it was is for the log.
    const [message = ""] = (error instanceof StoreError ? error.message : problemOf(error).message).split("\n    at ");
    for (const number of numbers) this.#post({ type: "refusal", number, message });
  }

  #tellState(): void {
    const now = performance.now();
    const state: Status["store"] = {
      state: this.#stateName(),
      exchanges: this.#opened?.index.exchanges ?? 0,
      problem: this.#problem?.message.split("\n    at ")[0] ?? null,
    };
    const text = JSON.stringify(state);
    if (text === this.#told || (this.#pass && now - this.#toldAt < STATE_MS)) return;
    this.#told = text;
    this.#toldAt = now;
    this.#post({ type: "state", state });
  }

  #stateName(): Status["store"]["state"] {
    if (this.#problem) return "failed";
    if (!this.#names) return "memory";
    return this.#indexing ? "indexing" : "ok";
  }

  #tell(level: "info" | "warn" | "error", message: string): void {
    const what = this.#source.kind === "file" ? `store of ${this.#source.path}` : "store";
    this.#post({ type: "log", level, message: `${what}: ${message}` });
  }
}

/** The line at that place, if it still is the exchange's. */
function recordAt(
  log: LogFollower,
  id: string,
  { file, offset, length }: { file: number; offset: number; length: number },
): Pick<StoredExchange, "record" | "missing"> {
  const path = log.pathOf(file);
  if (path === undefined) return { record: null, missing: "its log file is gone" };
  if (length > MAX_RECORD_BYTES) {
    const size = `${Math.round(length / 1e6)} MB`;
    return { record: null, missing: `it has ${size}, too much to show: see ${path} from byte ${offset} on` };
  }
  try {
    const record = readBytes(path, offset, length).toString("utf8");
    if (record.includes(id)) return { record, missing: null };
    return { record: null, missing: `${path} was changed since: it is not at its place there any more` };
  } catch (error) {
    return { record: null, missing: `${path} cannot be read: ${problemOf(error).message}` };
  }
}
