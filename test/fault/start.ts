import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { RouterEvent } from "../../src/record/events.ts";
import { startInProcess } from "../support/in-process.ts";
import { startRouter } from "../support/router.ts";
import { type Bench, benchToml, Completes } from "./bench.ts";
import { Canaries } from "./canaries.ts";
import { BlackHole, refusedOrigin } from "./origins.ts";
import { KEYS } from "./secrets.ts";
import { SELF_SIGNED } from "./self-signed.ts";
import { FaultUpstream } from "./upstream.ts";

export interface RunningBench extends Bench {
  /** The process of the router; undefined when it is this one. */
  pid?: number;
  /** Set when the router's process has ended though nobody told it to. */
  died?: string;
  /** What was found of keys and prompts where they must not be, output and all. */
  lookThrough(): Canaries;
  /** The router and its providers; resolves when all of it is gone. */
  close(): Promise<void>;
}

interface Behind {
  upstream: FaultUpstream;
  elsewhere: FaultUpstream;
  toml: string;
  close(): Promise<void>;
}

async function startBehind(more: { server?: string; rest?: string } = {}): Promise<Behind> {
  const [upstream, elsewhere, tls, hole] = await Promise.all([
    FaultUpstream.start(),
    FaultUpstream.start(),
    FaultUpstream.start({ tls: SELF_SIGNED }),
    BlackHole.open(),
  ]);
  const origins = { upstream, tls, refused: await refusedOrigin(), hole: hole.origin };
  return {
    upstream,
    elsewhere,
    toml: benchToml(origins, more),
    async close() {
      await Promise.all([upstream.close(), elsewhere.close(), tls.close(), hole.close()]);
    },
  };
}

/** With the router in this process, whose pauses between attempts are none. */
export async function startHere(): Promise<RunningBench> {
  const behind = await startBehind();
  const completes = new Completes();
  const canaries = new Canaries();
  const take = (event: RouterEvent) => (event.type === "complete" ? completes.take(event) : undefined);
  const sink = { active: true, completeOnly: true, take };
  const router = await startInProcess(behind.toml, { env: KEYS, sinks: [sink], random: () => 0 });
  return {
    url: router.url,
    upstream: behind.upstream,
    elsewhere: behind.elsewhere,
    complete: (model) => completes.of(model),
    canaries,
    printed: () => router.log.join("\n"),
    lookThrough() {
      canaries.lookForAll("output", router.log.join("\n"));
      return canaries;
    },
    close: once(async () => {
      await router.close();
      await behind.close();
    }),
  };
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}

const LOG = "requests.jsonl";

/** With the program itself, in a process of its own; its records are read from its log. */
export async function startProgram(
  more: { server?: string; env?: Record<string, string> } = {},
): Promise<RunningBench> {
  const logging = `[logging]\nenabled = true\npath = "${LOG}"`;
  const behind = await startBehind({ rest: logging, ...(more.server !== undefined && { server: more.server }) });
  const router = await startRouter(behind.toml, { ...KEYS, ...more.env });
  const canaries = new Canaries();
  const log = new LogReader(join(router.folder, LOG), canaries);
  const feed = await FeedReader.open(`${router.url}/dashboard/events`, canaries);
  const bench: RunningBench = {
    url: router.url,
    upstream: behind.upstream,
    elsewhere: behind.elsewhere,
    pid: router.pid,
    complete: (model) => log.completes.of(model),
    canaries,
    printed: () => router.logs(),
    lookThrough() {
      canaries.lookForAll("output", router.logs());
      return canaries;
    },
    close: once(async () => {
      closing = true;
      log.close();
      await feed.close();
      await router.close();
      await behind.close();
    }),
  };
  let closing = false;
  void router.ended.then((code) => {
    if (!closing) bench.died = `the router ended with ${code}`;
  });
  return bench;
}

const READ_BYTES = 1 << 20;

/** Follows a log as it grows. */
class LogReader {
  readonly completes = new Completes();
  readonly #path: string;
  readonly #canaries: Canaries;
  readonly #timer: NodeJS.Timeout;
  #file: number | undefined;
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string, canaries: Canaries) {
    this.#path = path;
    this.#canaries = canaries;
    this.#timer = setInterval(() => this.#more(), 20);
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#file !== undefined) closeSync(this.#file);
  }

  #more(): void {
    // Made with the first record.
    if (this.#file === undefined && existsSync(this.#path)) this.#file = openSync(this.#path, "r");
    if (this.#file === undefined) return;
    const chunk = Buffer.alloc(READ_BYTES);
    for (let read = readSync(this.#file, chunk); read > 0; read = readSync(this.#file, chunk)) {
      this.#take(Buffer.concat([this.#rest, chunk.subarray(0, read)]));
    }
  }

  #take(bytes: Buffer): void {
    const end = bytes.lastIndexOf(0x0a) + 1;
    const text = bytes.toString("utf8", 0, end);
    this.#canaries.look("log", text);
    for (const line of text.split("\n")) {
      if (line !== "") this.completes.take(JSON.parse(line));
    }
    this.#rest = bytes.subarray(end);
  }
}

/** Watches the feed, as a dashboard does. */
class FeedReader {
  readonly #gone = new AbortController();
  #done: Promise<void> = Promise.resolve();

  static async open(url: string, canaries: Canaries): Promise<FeedReader> {
    const reader = new FeedReader();
    const { body } = await fetch(url, { signal: reader.#gone.signal });
    reader.#done = reader.#read(body, canaries).catch((error: unknown) => {
      if (!reader.#gone.signal.aborted) canaries.hits.push(`the feed broke off: ${error}`);
    });
    return reader;
  }

  async close(): Promise<void> {
    this.#gone.abort();
    await this.#done;
  }

  async #read(body: ReadableStream<Uint8Array> | null, canaries: Canaries): Promise<void> {
    let text = "";
    for await (const chunk of body ?? []) {
      // A secret may be cut in two.
      text = text.slice(-100) + Buffer.from(chunk).toString("utf8");
      canaries.look("feed", text);
    }
  }
}
