import type { ScriptedError } from "../support/upstream/answer.ts";
import { chatDialect } from "../support/upstream/upstream.ts";
import type { Call, Framing, Part } from "./call.ts";

export function inTurn(...parts: readonly Part[]): Part {
  return async (call) => {
    for (const part of parts) await part(call);
  };
}

/** From here on bytes go out so many at a time, so far apart. */
export function sliced(bytes: number, paceMs = 0): Part {
  return (call) => {
    call.slice = bytes;
    call.paceMs = paceMs;
  };
}

/** The answer is another one from here on. */
export function changed(change: (answer: Buffer, call: Call) => Buffer | string): Part {
  return (call) => {
    call.answer = Buffer.from(change(call.answer, call));
  };
}

interface Head {
  status?: number;
  framing?: Framing;
  type?: string;
  more?: readonly string[];
}

/** Status line and headers, of the answer that was asked for unless told otherwise. */
export function head({ status = 200, framing = "chunked", type, more = [] }: Head = {}): Part {
  return async (call) => {
    call.framing = framing;
    const lines = [`HTTP/1.1 ${status} Scripted`, `content-type: ${type ?? call.type}`, ...more];
    if (framing === "chunked") lines.push("transfer-encoding: chunked");
    if (framing === "length") lines.push(`content-length: ${call.answer.length}`);
    if (framing === "close") lines.push("connection: close");
    // With what follows in one packet: half a head is a fault of its own.
    await call.write(`${lines.join("\r\n")}\r\n\r\n`);
  };
}

/** How much of the answer goes out: nothing a client could see yet; some of the text, in whole frames or not; all of it. */
export type Share = "opening" | "half" | "torn" | "all";

export function body(share: Share): Part {
  return async (call) => {
    await call.send(call.answer.subarray(0, bytesOf(call, share)));
  };
}

export function bytesOf(call: Call, share: Share): number {
  if (share === "all") return call.answer.length;
  if (!call.stream) return share === "opening" ? 0 : call.answer.length >> 1;
  const { content } = call.frames;
  // The text begins with the word Target, which no frame before it has.
  const first = content.findIndex((frame) => frame.includes("Targ"));
  if (share === "opening") return Buffer.byteLength(content.slice(0, first).join(""));
  const frames = content.slice(0, first + ((content.length - first) >> 1) + 1);
  return Buffer.byteLength(frames.join("")) - (share === "torn" ? 4 : 0);
}

export const end: Part = (call) => call.end();
export const fin: Part = (call) => call.fin();

/** What was written has to be on its way before the connection breaks. */
export const reset: Part = async (call) => {
  await call.pause(20);
  call.reset();
};

/** Nothing more, until the other side lets go. */
export const hang: Part = () => undefined;

export function raw(bytes: string | Uint8Array): Part {
  return (call) => call.write(bytes);
}

/** The answer as it should be. */
export const answered: Part = inTurn(head(), body("all"), end);

/** An error in the words of the API. */
export function refused(error: Partial<ScriptedError> & { status: number }, more: readonly string[] = []): Part {
  const told: ScriptedError = { message: "the scripted target says no", ...error };
  return inTurn(
    changed((_, call) => JSON.stringify(chatDialect(call.format).error(told))),
    head({ status: error.status, framing: "length", type: "application/json", more }),
    body("all"),
    end,
  );
}

/** 200, and this in place of the answer. */
export function instead(text: string, type?: string): Part {
  return inTurn(
    changed(() => text),
    head({ framing: "length", ...(type !== undefined && { type }) }),
    body("all"),
    end,
  );
}
