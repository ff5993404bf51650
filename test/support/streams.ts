import type { ChatEvent } from "../../src/core/event.ts";
import type { StreamReader } from "../../src/wire/format.ts";

/** Cuts bytes into slices of the sizes given, round and round; `[1]` cuts at every byte. */
export function slices(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    out.push(bytes.subarray(from, from + size));
    from += size;
  }
  return out;
}

/** Reads a whole stream, cut as `slices` says. */
export function readAll(reader: StreamReader, text: string, sizes: readonly number[] = [1 << 20]): ChatEvent[] {
  const out: ChatEvent[] = [];
  for (const slice of slices(new TextEncoder().encode(text), sizes)) reader.push(slice, out);
  reader.end(out);
  return out;
}
