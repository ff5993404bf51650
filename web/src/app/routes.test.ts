import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { hrefOf, placeOf } from "./routes.ts";

const whereIs = (hash: string) => {
  const { view, id, params } = placeOf(hash);
  return [view, id, params.toString()];
};

test("addresses there and back", () => {
  deepEqual(whereIs(hrefOf("exchanges", { id: "a/b?c %" })), ["exchanges", "a/b?c %", ""]);
  deepEqual(whereIs(hrefOf("live", { params: { tag: "a b&c" } })), ["live", undefined, "tag=a+b%26c"]);
  equal(hrefOf("overview"), "#/overview");
});

test("what is no place is Live", () => {
  for (const hash of ["", "#", "#/", "#/nothing", "#/exchanges", "#/exchanges/", "#//x"])
    deepEqual(whereIs(hash).slice(0, 2), ["live", undefined], hash);
  deepEqual(whereIs("#/exchanges/%zz"), ["exchanges", "%zz", ""]);
});
