import type { Remembered } from "../../conversation/remembered.ts";
import type { ErrorRates } from "../../resilience/error-rates.ts";
import type { Latencies } from "../../resilience/latencies.ts";
import type { Speeds } from "../../resilience/speeds.ts";
import type { Typicals } from "../../resilience/typical.ts";
import type { Lasting } from "../lasting.ts";

type TypicalName = "firstToken" | "whole" | "speed" | "answers";
type BudgetName = "budget" | "hedges";

/** Something one process learned that all others which serve the same port have to know, to decide alike. */
export type Learned =
  | { what: "latency"; sample: Parameters<Latencies["observe"]> }
  | { what: "speed"; sample: Parameters<Speeds["observe"]> }
  | { what: "typical"; of: TypicalName; sample: Parameters<Typicals["observe"]> }
  | { what: "outcome"; sample: Parameters<ErrorRates["observe"]> }
  | { what: "budget"; of: BudgetName; requested: number; taken: number }
  | { what: "remember"; key: string; value: Remembered; bytes: number }
  | { what: "forget" | "use"; key: string };

/** The parts of a router that learn such things. */
export type Learning = Pick<Lasting, "resilience" | "conversations">;

/** What is learned here is told; returns what learns from others, of which nothing is told again. */
export function shareLearning(learning: Learning, tell: (learned: Learned) => void): (learned: Learned) => void {
  let isLearning = false;
  const told = (learned: Learned) => {
    if (!isLearning) tell(learned);
  };
  watchSamples(learning, told);
  const { memory } = learning.conversations;
  memory.told = {
    set: (key, value, bytes) => told({ what: "remember", key, value, bytes }),
    deleted: (key) => told({ what: "forget", key }),
    used: (key) => told({ what: "use", key }),
  };
  return (learned) => {
    isLearning = true;
    try {
      learn(learning, learned);
    } finally {
      isLearning = false;
    }
  };
}

function watchSamples({ resilience }: Learning, tell: (learned: Learned) => void): void {
  const { latencies, speeds, errors } = resilience;
  latencies.told = (...sample) => tell({ what: "latency", sample });
  speeds.told = (...sample) => tell({ what: "speed", sample });
  errors.told = (...sample) => tell({ what: "outcome", sample });
  for (const [name, typicals] of typicalsOf(resilience))
    typicals.told = (...sample) => tell({ what: "typical", of: name, sample });
  const names: BudgetName[] = ["budget", "hedges"];
  for (const name of names)
    resilience[name].told = (what) =>
      tell({ what: "budget", of: name, requested: what === "requested" ? 1 : 0, taken: what === "taken" ? 1 : 0 });
}

function learn({ resilience, conversations: { memory } }: Learning, learned: Learned): void {
  switch (learned.what) {
    case "latency":
      return resilience.latencies.observe(...learned.sample);
    case "speed":
      resilience.speeds.observe(...learned.sample);
      return;
    case "typical":
      return typicalsOf(resilience)
        .get(learned.of)
        ?.observe(...learned.sample);
    case "outcome":
      return resilience.errors.observe(...learned.sample);
    case "budget":
      return resilience[learned.of].adopt(learned.requested, learned.taken);
    case "remember":
      return memory.set(learned.key, learned.value, learned.bytes);
    case "forget":
      memory.delete(learned.key);
      return;
    case "use":
      memory.get(learned.key);
  }
}

function typicalsOf({ typical, answers }: Learning["resilience"]): Map<TypicalName, Typicals> {
  return new Map([...namesOf(typical), ["answers", answers]]);
}

function namesOf({ firstToken, whole, speed }: Learning["resilience"]["typical"]): [TypicalName, Typicals][] {
  return [
    ["firstToken", firstToken],
    ["whole", whole],
    ["speed", speed],
  ];
}

/** The same sample, told so much later. */
export function agedBy(learned: Learned, ms: number): Learned {
  switch (learned.what) {
    case "latency": {
      const [provider, model, firstTokenMs, agoMs = 0] = learned.sample;
      return { ...learned, sample: [provider, model, firstTokenMs, agoMs + ms] };
    }
    case "outcome": {
      const [provider, model, outcome, agoMs = 0] = learned.sample;
      return { ...learned, sample: [provider, model, outcome, agoMs + ms] };
    }
    case "speed":
    case "typical": {
      const [provider, model, one, two, agoMs = 0] = learned.sample;
      return { ...learned, sample: [provider, model, one, two, agoMs + ms] };
    }
    default:
      return learned;
  }
}
