/** The machine's monotonic clock, in ms: the same one in every process, so that times of different processes can be compared. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
