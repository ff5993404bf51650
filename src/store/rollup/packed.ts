import type { Columns } from "../index/columns.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";

/** What can be added up and stored. */
export interface Sum {
  merge(other: this): void;
  /** Adds what `pack` gave and wrote. */
  unpack(sums: readonly number[], bytes: ByteReader): void;
  pack(bytes: ByteWriter): number[];
}

/** The columns of a stored step: keys and sums as JSON, for people too; histograms in bytes, for there are many. */
export function packSums(sums: ReadonlyMap<string, Sum>): { sums: string; histograms: Uint8Array } {
  const bytes = new ByteWriter();
  const packed = [...sums].map(([key, sum]) => [key, sum.pack(bytes)]);
  return { sums: JSON.stringify(packed), histograms: bytes.bytes() };
}

/** A stored step, not yet added up. */
export interface StoredSums {
  sums: [key: string, sums: number[]][];
  /** In the same order. */
  histograms: Uint8Array;
}

export function storedSums({ sums, histograms }: Columns): StoredSums {
  if (typeof sums !== "string" || !(histograms instanceof Uint8Array))
    return { sums: [], histograms: new Uint8Array() };
  return { sums: JSON.parse(sums), histograms };
}

/** Adds each sum of a stored step to the one that `place` gives for its key. */
export function unpackSums({ sums, histograms }: StoredSums, place: (key: string) => Sum): void {
  const bytes = new ByteReader(histograms);
  for (const [key, sum] of sums) place(key).unpack(sum, bytes);
}

export function made<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = make();
  map.set(key, value);
  return value;
}
