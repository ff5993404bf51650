import { hash } from "node:crypto";
import { BoundedMemory } from "../../conversation/memory.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { type DocumentText, documentText, tooLarge } from "./document-text.ts";
import { PdfThread } from "./pdf-thread.ts";

export interface PdfLimits {
  maxBytes: number;
  maxPages: number;
  timeoutMs: number;
}

/** Conversations send the same file in every turn. What nobody sent for a day is not sent again. */
const MEMORY = { maxBytes: 64 * 1024 * 1024, maxEntries: 10_000, ttlMs: 24 * 60 * 60_000 };

/** The texts of PDFs: each file is read once, and says the same in every turn. */
export class PdfTexts {
  readonly #limits: PdfLimits;
  readonly #thread: PdfThread;
  readonly #memory: BoundedMemory<DocumentText>;
  /** At work, or waiting: whoever else has the same file waits for the same text. */
  readonly #underway = new Map<string, { text: Promise<DocumentText>; wantedBy: AbortSignal[] }>();

  constructor(limits: PdfLimits, { clock, log }: { clock: Clock; log: Log }) {
    const { timeoutMs, maxPages } = limits;
    this.#limits = limits;
    this.#thread = new PdfThread({ clock, log, timeoutMs, maxPages });
    this.#memory = new BoundedMemory(MEMORY, clock);
  }

  /** `data`: bare base64. Rejects only when `signal` was aborted before its turn came, and when all is over. */
  textOf(data: string, signal: AbortSignal): Promise<DocumentText> {
    const bytes = Math.floor((data.length * 3) / 4);
    if (bytes > this.#limits.maxBytes) return Promise.resolve(tooLarge(bytes, this.#limits.maxBytes));
    const key = hash("sha256", data, "base64");
    const known = this.#memory.get(key);
    if (known) return Promise.resolve(known);
    const underway = this.#underway.get(key);
    if (underway) {
      underway.wantedBy.push(signal);
      return underway.text;
    }
    const wantedBy = [signal];
    const text = this.#read(key, data, wantedBy);
    this.#underway.set(key, { text, wantedBy });
    return text;
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  async #read(key: string, data: string, wantedBy: readonly AbortSignal[]): Promise<DocumentText> {
    try {
      const reading = await this.#thread.read(data, () => wantedBy.every(({ aborted }) => aborted));
      const text = documentText(reading, this.#limits);
      this.#memory.set(key, text, 2 * text.text.length);
      return text;
    } finally {
      this.#underway.delete(key);
    }
  }
}
