import assert from "node:assert/strict";
import { isObject, type Json, type JsonObject } from "../../src/core/json.ts";

/** One frame of a stream: an SSE event, or a line of JSON. */
export interface StreamFrame {
  /** The SSE event name; undefined when it has none. */
  name?: string;
  /** Undefined for OpenAI's `[DONE]`. */
  value: JsonObject | undefined;
  /** As it came, for messages. */
  text: string;
}

/** What a stream of one API may look like, as a small state object: it throws where the grammar is broken. */
export interface Grammar {
  frame(frame: StreamFrame): void;
  /** The bytes ended. */
  end(): void;
}

const ERROR = /^(?:event: error\n|event: response\.failed\n)?(?:data: )?\{.*"(?:error|response\.failed)"/s;

/** The events of an SSE stream with LF or CRLF line ends; comments are allowed in blocks of their own. */
export function sseFrames(raw: string): StreamFrame[] {
  const stream = raw.replaceAll("\r\n", "\n");
  assert.ok(!stream.includes("\r"), "a bare CR in the stream");
  assert.ok(stream === "" || stream.endsWith("\n\n"), `the last event has no blank line: ${stream.slice(-200)}`);
  const blocks = stream.split(/\n\n+/).filter((block) => block !== "" && !/^(?::[^\n]*\n?)+$/.test(block));
  return blocks.flatMap((block, at): StreamFrame[] => {
    const match = /^(?:event: (\S+)\n)?data: ([^\n]*)$/.exec(block);
    if (!match && isHalf(blocks, at)) return [];
    assert.ok(match?.[2] !== undefined, `not one event with one line of data: ${block}`);
    const named = match[1] === undefined ? {} : { name: match[1] };
    if (match[2] === "[DONE]") return [{ ...named, value: undefined, text: block }];
    const value = parsed(match[2]);
    if (value === undefined && isHalf(blocks, at)) return [];
    assert.ok(value, `the data is not a JSON object: ${block}`);
    return [{ ...named, value, text: block }];
  });
}

/** The lines of an NDJSON stream. */
export function jsonLines(raw: string): StreamFrame[] {
  assert.ok(raw === "" || raw.endsWith("\n"), `the last line has no line end: ${raw.slice(-200)}`);
  const lines = raw.split("\n").filter((line) => line !== "");
  return lines.flatMap((line, at): StreamFrame[] => {
    const value = parsed(line);
    if (value === undefined && isHalf(lines, at)) return [];
    assert.ok(value, `not a line of JSON: ${line}`);
    return [{ value, text: line }];
  });
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: Json = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Half of a frame a provider died in, passed through: allowed only in front of the error that closes the stream. */
function isHalf(frames: readonly string[], at: number): boolean {
  return at === frames.length - 2 && ERROR.test(frames[at + 1] ?? "");
}

/** Runs a grammar over all frames; its words come with the frame they are about. */
export function runGrammar(grammar: Grammar, frames: readonly StreamFrame[]): void {
  for (const [at, frame] of frames.entries()) {
    try {
      grammar.frame(frame);
    } catch (error) {
      if (error instanceof Error) error.message += `\nin frame ${at}: ${frame.text}`;
      throw error;
    }
  }
  grammar.end();
}
