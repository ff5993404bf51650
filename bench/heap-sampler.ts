import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";

/**
 * Preloaded (`--import`) into a server under measurement. SIGUSR2 begins to sample what is allocated, freed again or not; the next one
 * writes V8's profile of it to the file that `HEAP_SAMPLES` names. `….on` and `….off` beside it tell that it is so far.
 */
const file = process.env["HEAP_SAMPLES"] ?? "heap-samples.json";
/** Mean distance between samples; the same allocations are found each time to a hundredth. */
const INTERVAL_BYTES = 2048;

const session = new Session();
let samples = false;
process.on("SIGUSR2", () => {
  samples = !samples;
  if (samples) begin();
  else end();
});

function begin(): void {
  session.connect();
  const freed = { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true };
  session.post("HeapProfiler.startSampling", { samplingInterval: INTERVAL_BYTES, ...freed }, (error) => {
    if (error) throw error;
    writeFileSync(`${file}.on`, "");
  });
}

function end(): void {
  session.post("HeapProfiler.stopSampling", (error, { profile }) => {
    if (error) throw error;
    writeFileSync(file, JSON.stringify(profile));
    writeFileSync(`${file}.off`, "");
  });
}
