import type { Place } from "../../core/response.ts";
import { WholeEvents } from "../../wire/bytes/boundary.ts";
import type { AnswerContext, ClientHalf, ResumedWriter } from "../../wire/format.ts";
import { toldBefore } from "../../wire/resumed.ts";

/** A provider's stream on its way to the client as it is, as long as another may have to go on with it: only in whole events. */
export class PassedStream {
  readonly #client: ClientHalf;
  readonly #whole: WholeEvents;
  readonly #first: Buffer[] = [];
  #last: Buffer | undefined;
  #content = false;

  constructor(client: ClientHalf) {
    this.#client = client;
    this.#whole = new WholeEvents(client.streamType);
  }

  /** The bytes that may go on now. `content`: some has come by now. */
  push(chunk: Buffer, content: boolean): Buffer {
    const whole = this.#whole.push(chunk);
    if (!this.#content) this.#first.push(whole);
    this.#content = content;
    if (whole.length > 0) this.#last = whole;
    return whole;
  }

  /** The beginning of an event that will not end. */
  rest(): Buffer {
    return this.#whole.rest();
  }

  /** What writes the rest of it; undefined where that cannot be done. */
  resume(context: AnswerContext, place: Place): ResumedWriter | undefined {
    if (this.#whole.doubtful) return undefined;
    // Where nothing went through yet the rest is all there is.
    if (!this.#client.resumeStream || !this.#last)
      return (soFar) => toldBefore(this.#client.writeStream(context), soFar);
    const first = Buffer.concat(this.#first).toString();
    return this.#client.resumeStream(context, { first, last: this.#last.toString(), place });
  }
}
