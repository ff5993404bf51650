import { randomBytes } from "node:crypto";

/** Where a request stands in a trace (W3C Trace Context), as far as it goes on to providers. */
export interface TraceContext {
  /** 32 hex digits: the client's, or a new one. */
  readonly traceId: string;
  /** Of the request here, 16 hex digits. */
  readonly spanId: string;
  /** The client's; undefined: the trace begins here. */
  readonly parentSpanId: string | undefined;
  /** The client's `tracestate`, handed on as it is. */
  readonly state: string | undefined;
  readonly sampled: boolean;
  /** The rest of the client's flags that is to be handed on. */
  readonly flags: number;
}

type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** More than are under way at once, but for streams that outlast thousands of others. */
const MAX_PLACES = 4096;
const SAMPLED = 1;
const RANDOM = 2;
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** What 13 hex digits can say: a number holds no more exactly. */
const SIXTEEN_TO_13 = 16 ** 13;

/** Which traces are kept. */
export interface Sampling {
  /** The share of those that begin here. */
  readonly ratio: number;
  /** A client that sends its own has decided already. */
  readonly byParent: boolean;
}

/** The places of the latest requests, for lines of the log that are about one. */
export class TracePlaces {
  readonly #latest = new Map<string, TraceContext>();

  add(id: string, place: TraceContext): void {
    this.#latest.set(id, place);
    if (this.#latest.size <= MAX_PLACES) return;
    for (const oldest of this.#latest.keys()) {
      this.#latest.delete(oldest);
      return;
    }
  }

  of(id: string): TraceContext | undefined {
    return this.#latest.get(id);
  }
}

/** Gives requests their place in a trace. */
export class Tracing {
  readonly #sampling: Sampling;
  readonly #places: TracePlaces;

  constructor(sampling: Sampling, places: TracePlaces = new TracePlaces()) {
    this.#sampling = sampling;
    this.#places = places;
  }

  /** `id`: of the request. */
  begin(id: string, headers: RequestHeaders): TraceContext {
    const place = this.#placeOf(headers);
    this.#places.add(id, place);
    return place;
  }

  #placeOf(headers: RequestHeaders): TraceContext {
    const parent = parentOf(headers["traceparent"]);
    const spanId = newSpanId();
    if (!parent) {
      const traceId = randomBytes(16).toString("hex");
      return { traceId, spanId, parentSpanId: undefined, state: undefined, sampled: this.#keeps(traceId), flags: 0 };
    }
    const state = headers["tracestate"];
    const sampled = this.#sampling.byParent ? parent.sampled : this.#keeps(parent.traceId);
    return { ...parent, sampled, spanId, state: typeof state === "string" ? state : state?.join(",") };
  }

  /** By the id, so that whoever else sees the trace comes to the same. */
  #keeps(traceId: string): boolean {
    return Number.parseInt(traceId.slice(-13), 16) / SIXTEEN_TO_13 < this.#sampling.ratio;
  }
}

export function newSpanId(): string {
  return randomBytes(8).toString("hex");
}

/** What a provider gets: this span of ours is its parent. `tracestate` only when there is one. */
export function traceHeaders(
  { traceId, state, sampled, flags }: TraceContext,
  spanId: string,
): { traceparent: string; tracestate?: string } {
  const traceparent = `00-${traceId}-${spanId}-0${flags | (sampled ? SAMPLED : 0)}`;
  return state === undefined ? { traceparent } : { traceparent, tracestate: state };
}

/** The trace a client's `traceparent` names; undefined when there is none, or it is not valid. */
function parentOf(
  header: string | string[] | undefined,
): Pick<TraceContext, "traceId" | "parentSpanId" | "sampled" | "flags"> | undefined {
  const [, version, traceId = "", parentSpanId = "", flags = "", more] =
    TRACEPARENT.exec(typeof header === "string" ? header : "") ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(parentSpanId)) return undefined;
  const bits = Number.parseInt(flags, 16);
  return { traceId, parentSpanId, sampled: (bits & SAMPLED) !== 0, flags: bits & RANDOM };
}
