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

/** Adds each sum of a stored step to the one that `place` gives for its key. */
export function unpackSums(columns: Columns, place: (key: string) => Sum): void {
  const { sums, histograms } = columns;
  if (typeof sums !== "string" || !(histograms instanceof Uint8Array)) return;
  const packed: [string, number[]][] = JSON.parse(sums);
  const bytes = new ByteReader(histograms);
  for (const [key, sum] of packed) place(key).unpack(sum, bytes);
}
