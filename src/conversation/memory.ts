import type { Clock } from "../core/clock.ts";

export interface MemoryLimits {
  maxBytes: number;
  maxEntries: number;
  /** Since an entry was last used. */
  ttlMs: number;
}

/** Who has to know what is put in here, taken out and used. */
export interface MemoryListener<V> {
  set(key: string, value: V, contentBytes: number): void;
  deleted(key: string): void;
  used(key: string): void;
}

interface Entry<V> {
  value: V;
  bytes: number;
  usedMs: number;
}

/** What an entry costs besides its content: its key, its place in the map, the objects around it. */
const ENTRY_BYTES = 300;

/**
 * A map that cannot grow beyond its limits: what was not used for longest goes first, and what nobody used for long goes too.
 * Nothing runs in between; entries that are over are dropped when the next is put in or looked for.
 */
export class BoundedMemory<V> {
  #limits: MemoryLimits;
  readonly #clock: Clock;
  /** In order of use, the oldest first. */
  readonly #entries = new Map<string, Entry<V>>();
  /** The last of them, or one that is gone. */
  #newest: string | undefined;
  #bytes = 0;
  #quiet = false;
  /** Absent: nobody else has to know. What is forgotten for want of room or use is not told. */
  told: MemoryListener<V> | undefined;

  constructor(limits: MemoryLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Other limits from now on: what they have no room for goes. */
  limit(limits: MemoryLimits): void {
    this.#limits = limits;
    this.#dropOld(this.#clock.nowMs());
  }

  /** What is only looked at in the meantime counts as not used. */
  quietly<T>(look: () => T): T {
    const before = this.#quiet;
    this.#quiet = true;
    try {
      return look();
    } finally {
      this.#quiet = before;
    }
  }

  /** Using an entry keeps it. */
  get(key: string): V | undefined {
    if (this.#entries.size === 0) return undefined;
    const nowMs = this.#clock.nowMs();
    if (this.#quiet) {
      const found = this.#entries.get(key);
      return found && nowMs - found.usedMs <= this.#limits.ttlMs ? found.value : undefined;
    }
    this.#dropOld(nowMs);
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    entry.usedMs = nowMs;
    // A map in which entries are moved all the time has to be made anew all the time.
    if (key !== this.#newest) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      this.#newest = key;
    }
    this.told?.used(key);
    return entry.value;
  }

  /** All there is, the oldest first. */
  *entries(): Generator<[key: string, value: V, contentBytes: number]> {
    for (const [key, { value, bytes }] of this.#entries) yield [key, value, bytes - ENTRY_BYTES];
  }

  /** `contentBytes`: about what the value holds. What is larger than the whole memory is not kept. */
  set(key: string, value: V, contentBytes: number): void {
    this.#drop(key);
    const bytes = contentBytes + ENTRY_BYTES;
    if (bytes > this.#limits.maxBytes) return;
    this.told?.set(key, value, contentBytes);
    const nowMs = this.#clock.nowMs();
    this.#entries.set(key, { value, bytes, usedMs: nowMs });
    this.#newest = key;
    this.#bytes += bytes;
    this.#dropOld(nowMs);
  }

  delete(key: string): boolean {
    const isGone = this.#drop(key);
    if (isGone) this.told?.deleted(key);
    return isGone;
  }

  #drop(key: string): boolean {
    const entry = this.#entries.get(key);
    if (!entry) return false;
    this.#bytes -= entry.bytes;
    return this.#entries.delete(key);
  }

  #dropOld(nowMs: number): void {
    const { maxBytes, maxEntries, ttlMs } = this.#limits;
    for (const [key, { usedMs }] of this.#entries) {
      const tooMuch = this.#bytes > maxBytes || this.#entries.size > maxEntries;
      if (!tooMuch && nowMs - usedMs <= ttlMs) return;
      this.#drop(key);
    }
  }
}
