import type { RawExchange, RawSide } from "../../api/exchanges.ts";
import type { ClientResponse } from "../../core/client-call.ts";
import { type Provider, withoutKeys } from "../../upstream/provider.ts";
import type { AnswerSink, UpstreamRequest } from "../../upstream/transport.ts";
import type { Headers } from "../../wire/format.ts";
import type { Incoming } from "../incoming.ts";
import { RawAnswer, RawBody, type RawRoom } from "./raw-body.ts";
import { tapResponse } from "./tap-response.ts";
import { TappedSink } from "./tapped-sink.ts";

/** Of a request what is shown besides its body: the bodies of the kept ones must not be held whole. */
type Head = Pick<UpstreamRequest, "method" | "path"> & { headers: Headers };

interface ProviderSide {
  provider: Provider;
  head: Head;
  body: RawBody;
  answer: RawAnswer;
}

/** What went over the wire for one exchange, on the client's side and on that of the attempt made last. */
export class RawTrace {
  readonly room: RawRoom;
  readonly #head: Head;
  readonly #request: RawBody;
  readonly #answer: RawAnswer;
  #provider: ProviderSide | undefined;

  constructor(incoming: Incoming, res: ClientResponse, room: RawRoom) {
    this.room = room;
    const { path, query, headers, prompt } = incoming;
    this.#head = { method: "POST", path: path + query, headers };
    this.#request = new RawBody(room);
    this.#request.add(prompt.raw);
    this.#answer = new RawAnswer(room);
    tapResponse(res, this.#answer);
  }

  /** What goes to a provider from here on; hears its answer on the way to `sink`. */
  listen(provider: Provider, request: UpstreamRequest, sink: AnswerSink): AnswerSink {
    if (this.#provider) this.room.add(-(this.#provider.body.bytes + this.#provider.answer.body.bytes));
    const body = new RawBody(this.room);
    if (request.body !== undefined) body.add(request.body);
    const answer = new RawAnswer(this.room);
    const { method, path, headers } = request;
    this.#provider = { provider, head: { method, path: provider.basePath + path, headers }, body, answer };
    return new TappedSink(sink, answer);
  }

  /** It is not kept any more; the exchange may go on for long. */
  clear(): void {
    this.room.open = false;
    for (const body of [this.#request, this.#answer.body, this.#provider?.body, this.#provider?.answer.body])
      body?.clear();
  }

  describe(): RawExchange {
    return {
      client: sideOf({ ...this.#head, body: this.#request, answer: this.#answer }),
      provider: this.#provider ? providerSide(this.#provider) : null,
    };
  }
}

interface Side extends Head {
  body: RawBody;
  answer: RawAnswer;
}

function providerSide({ provider, head, body, answer }: ProviderSide): RawSide {
  const side = sideOf({ ...head, body, answer });
  // Some repeat the key they were given.
  const headers = Object.entries(side.response_headers).map(([name, value]) => [name, withoutKeys(provider, value)]);
  return {
    ...side,
    response_headers: Object.fromEntries(headers),
    response: side.response && withoutKeys(provider, side.response),
  };
}

function sideOf({ method, path, headers, body, answer }: Side): RawSide {
  return {
    method,
    path,
    request_headers: shownHeaders(headers),
    request: body.text(),
    status: answer.status,
    response_headers: shownHeaders(answer.headers),
    response: answer.body.text(),
    truncated: body.truncated || answer.body.truncated,
  };
}

/** The address of the page that asks may have one in it. */
const CREDENTIAL = /auth|cookie|key|token|secret|password|credential|jwt|signature|^referer$/i;
/** Numbers of tokens. */
const COUNTS = /tokens(?:-|$)|ratelimit/i;

/** Headers but for the values of those that may hold a credential. */
function shownHeaders(headers: Headers): Record<string, string> {
  const shown: Record<string, string> = Object.create(null);
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    const isSecret = CREDENTIAL.test(name) && !COUNTS.test(name);
    shown[name] = isSecret ? "(left out)" : typeof value === "string" ? value : value.join(", ");
  }
  return shown;
}
