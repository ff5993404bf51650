import assert from "node:assert/strict";
import { test } from "node:test";
import { excerpt } from "./excerpt.ts";

test("of a page the words, of nothing the status", () => {
  const page =
    "<html><head><style>p { color: red }</style></head><body>\n<h1>502 Bad Gateway</h1><hr>nginx</body></html>";
  assert.equal(excerpt(502, page), "status 502: 502 Bad Gateway nginx");
  assert.equal(excerpt(500, " \n"), "status 500 without a body");
  assert.equal(excerpt(500, "x".repeat(5000)).length, "status 500: ".length + 300);
});
