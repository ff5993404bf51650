import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { randomRecord, seeded } from "../../test/support/log-records.ts";
import { jsonOf, piecesOf } from "./record-json.ts";

test("a record reads back as it was, whatever is in it", () => {
  const random = seeded(7);
  for (let at = 0; at < 200; at++) {
    const record = randomRecord(random, at);
    const odd = {
      ...record,
      tags: ["→", "模型", "🎉", "\ud800", 'a"\\\n\u2028'],
      response: null,
      system: "Zürich 東京",
    };
    const json = jsonOf(odd);
    equal(json.includes("\n"), false);
    const meant = JSON.parse(JSON.stringify(odd));
    deepEqual([JSON.parse(json), JSON.parse(piecesOf(odd).join(""))], [meant, meant]);
  }
});

test("what the router says beside the texts does not make them wide", () => {
  const record = { ...randomRecord(seeded(1), 1), decision: [{ label: "a → b" }], messages: [] };
  const wide = piecesOf(record).filter((piece) => /[^\0-\xff]/.test(piece));
  deepEqual(wide, [',"decision":[{"label":"a → b"}],"system":']);
  match(jsonOf(record), /^[\0-\xff]*"decision":\[\{"label":"a \\u2192 b"\}\][\0-\xff]*$/);
});
