import { deepEqual, equal } from "node:assert/strict";
import type { Json, JsonObject } from "../../src/core/json.ts";
import { Boundary, WholeEvents } from "../../src/wire/bytes/boundary.ts";
import { LineDecoder } from "../../src/wire/bytes/lines.ts";
import { spliceBody } from "../../src/wire/bytes/splice.ts";
import { ALL_SCRIPTS } from "../../test/streams/scripts.ts";
import { slices } from "../../test/support/streams.ts";
import type { Target } from "../engine/target.ts";
import { bodyOf } from "./documented.ts";
import { seedsOf } from "./requests.ts";

const OUT = ["stream", "temperature", "__proto__", "tools"];

/** What is cut out of a body and put into it, and nothing else, is what another parser then reads. */
const SPLICE: Target = {
  name: "splice",
  words: ["wire/openai/request/*.ts"],
  *seeds() {
    yield* seedsOf("openai");
    yield '{"model":"a","\\u006dodel":"b","tools":[{"model":"\\"}"}],"stream" : true }';
    yield " { } ";
  },
  run(input) {
    const read = bodyOf(input);
    if (!read) return;
    const { body, raw } = read;
    equal(spliceBody(raw, undefined, []), raw);
    for (const without of [[], OUT]) {
      const left: [string, Json | undefined][] = Object.entries(body).filter(([key]) => !without.includes(key));
      const expected = left.map(([key, value]) => [key, key === "model" ? 'an "other"' : value]);
      const spliced: JsonObject = JSON.parse(spliceBody(raw, 'an "other"', without).toString("utf8"));
      equal(JSON.stringify(Object.entries(spliced)), JSON.stringify(expected));
    }
  },
};

const LINES: Target = {
  name: "lines",
  words: ["wire/bytes/*.ts"],
  seeds: () => ALL_SCRIPTS.slice(0, 40).map(({ bytes }) => bytes),
  run(input) {
    const expected = input
      .toString("utf8")
      .replace(/^\ufeff/, "")
      .split(/\r\n?|\n/);
    if (expected.at(-1) === "") expected.pop();
    for (const sizes of [[1], [1 << 20], [3, 1 + (input[0] ?? 0)]]) {
      const lines: string[] = [];
      const decoder = new LineDecoder((line) => lines.push(line));
      for (const slice of slices(input, sizes)) decoder.push(slice);
      decoder.end();
      deepEqual(lines, expected);
    }
  },
};

/** Bytes that are passed through come out as they went in, whole events at a time. */
const BOUNDARIES: Target = {
  name: "boundaries",
  words: ["wire/bytes/*.ts"],
  seeds: () => ALL_SCRIPTS.slice(0, 40).map(({ bytes }) => bytes),
  run(input) {
    for (const type of ["text/event-stream", "application/x-ndjson"]) {
      const end = type === "text/event-stream" ? /(^|\n)\r*\n$/ : /\n$/;
      for (const sizes of [[1], [1 << 20], [3, 1 + (input[0] ?? 0)]]) {
        const events = new WholeEvents(type);
        const boundary = new Boundary(type);
        const out: Buffer[] = [];
        for (const slice of slices(input, sizes)) {
          boundary.wrote(slice);
          const piece = events.push(Buffer.from(slice));
          out.push(piece);
          if (piece.length > 0 && !end.test(Buffer.concat(out).toString("latin1")))
            throw new Error("it stopped inside an event");
        }
        out.push(events.rest());
        deepEqual(Buffer.concat(out), input);
      }
    }
  },
};

export const FRAMING: readonly Target[] = [SPLICE, LINES, BOUNDARIES];
