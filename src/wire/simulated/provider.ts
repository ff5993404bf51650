import type { ChatEvent } from "../../core/event.ts";
import { type Failure, kindOfError } from "../../core/failure.ts";
import { asObject, asString, isObject, type Json, type JsonObject } from "../../core/json.ts";
import { Losses } from "../../core/loss.ts";
import type { ChatRequest } from "../../core/request.ts";
import { ndjsonReader, type StreamProtocol } from "../bytes/stream.ts";
import type { ProviderHalf, TargetInfo } from "../format.ts";
import { dropExtra } from "../loss/unknown-fields.ts";
import { readEvent } from "./read-event.ts";
import { listOf } from "./read-values.ts";
import { SIMULATED_SUPPORT } from "./support.ts";

/** The built-in provider's wire: the request and the events as the router has them, in JSON. */
export const simulatedProvider: ProviderHalf = {
  dialect: "simulated",
  support: SIMULATED_SUPPORT,
  path: () => "/simulate",
  writeRequest,
  headers: () => ({}),
  readResponse(body) {
    const out = listOf(asObject(body)?.["events"], "events", readEvent);
    const last = out.at(-1);
    if (last?.type !== "end" && last?.type !== "error") out.push(cut());
    return out;
  },
  readStream: () => ndjsonReader(new SimulatedStream()),
  readError,
};

function writeRequest(request: ChatRequest, target: TargetInfo, losses: Losses): JsonObject {
  // It can say all there is to say, but gives one answer.
  if ((request.sampling.n ?? 1) > 1) losses.drop("n");
  // Nor has it what some fields point at: an earlier answer, a thread, somebody's container.
  const elsewhere = new Losses(SIMULATED_SUPPORT);
  dropExtra(request, elsewhere);
  losses.list.push(...elsewhere.list.filter((loss) => loss.class === "reject"));
  // Through text, since only that turns the request's types into plain JSON; optional fields that are undefined go too.
  const body: Json = JSON.parse(JSON.stringify({ ...request, model: target.model }));
  return isObject(body) ? body : {};
}

class SimulatedStream implements StreamProtocol {
  frame(_name: string, value: JsonObject, out: ChatEvent[]): void {
    out.push(readEvent(value));
  }

  done(): void {
    // NDJSON has no `[DONE]`.
  }

  eof(out: ChatEvent[]): void {
    out.push(cut());
  }
}

function cut(): ChatEvent {
  return { type: "error", failure: { kind: "cut", message: "the simulated answer ended before its last event" } };
}

function readError(status: number, body: Json | undefined, text: string): Failure {
  const error = asObject(asObject(body)?.["error"]) ?? {};
  const code = asString(error["code"]);
  const message = asString(error["message"]) ?? (text || `the simulated provider answered with status ${status}`);
  return {
    kind: kindOfError(status, code, message),
    message,
    upstreamStatus: status,
    ...(code !== undefined && { code }),
  };
}
