import type { Failure } from "../../src/core/failure.ts";
import type { HttpClient } from "../../src/upstream/client.ts";
import type { Provider } from "../../src/upstream/provider.ts";
import type { AnswerSink, UpstreamCall } from "../../src/upstream/transport.ts";
import type { Headers } from "../../src/wire/format.ts";
import { testProvider } from "./provider.ts";
import { until } from "./until.ts";

/** What an `Ear` takes for a sign of life. */
export const PING = ": ping\n\n";

/** Writes down what it hears of an answer. */
export class Ear implements AnswerSink {
  readonly heard: string[] = [];
  failure: Failure | undefined;
  bytes = 0;
  status = 0;
  headers: Headers = {};
  text = "";
  onHead(status: number, headers: Headers): void {
    this.status = status;
    this.headers = headers;
    this.heard.push(`head ${status}`);
  }
  onData(data: Buffer): boolean {
    this.bytes += data.length;
    if (this.bytes < 10_000) this.text += data.toString();
    return data.toString() !== PING;
  }
  onEnd(): void {
    this.heard.push("end");
  }
  onFailure(failure: Failure): void {
    this.failure = failure;
    this.heard.push(`failure ${failure.kind}`);
  }
  get isOver(): boolean {
    return this.heard.some((said) => said === "end" || said.startsWith("failure"));
  }
  over(): Promise<void> {
    return until(() => this.isOver, "the call to end");
  }
}

const NO_TIMERS = { connect_ms: 0, first_byte_ms: 0, idle_ms: 0, total_ms: 0 };

/** A provider without timers but those given. */
export function providerAt(origin: string, timeout: Partial<Provider["timeout"]> = {}, headers = {}): Provider {
  return { ...testProvider({ name: `at ${origin}` }), origin, headers, timeout: { ...NO_TIMERS, ...timeout } };
}

export function send(
  http: HttpClient,
  provider: Provider,
  sink: AnswerSink,
  headers: Record<string, string> = {},
): UpstreamCall {
  return http.send(provider, { method: "POST", path: "/chat", headers, body: "{}" }, sink);
}
