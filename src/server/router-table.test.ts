import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { openaiClient } from "../wire/openai/client.ts";
import type { Route } from "./call.ts";
import { RouterTable } from "./router-table.ts";

function route(method: Route["method"], path: string): Route {
  return { method, path, client: openaiClient, endpoint: () => undefined };
}

const TABLE = new RouterTable([
  route("GET", "/v1/models"),
  route("GET", "/v1/models/*"),
  route("POST", "/v1/chat"),
  route("GET", "/"),
  route("HEAD", "/"),
]);

describe("the routing table", () => {
  test("exact paths, by method", () => {
    equal(TABLE.find("GET", "/v1/models")?.route.path, "/v1/models");
    equal(TABLE.find("GET", "/v1/models")?.rest, "");
    equal(TABLE.find("POST", "/v1/models"), undefined);
    equal(TABLE.find("GET", "/v1/modelsx"), undefined);
    equal(TABLE.find("get", "/v1/models"), undefined);
  });

  test("a rest, slashes and all, but never an empty one", () => {
    equal(TABLE.find("GET", "/v1/models/a/b%2Fc")?.rest, "a/b%2Fc");
    equal(TABLE.find("GET", "/v1/models/"), undefined);
  });

  test("paths that only look alike are other paths", () => {
    for (const path of [
      "//v1/models",
      "/V1/models",
      "/v1/models;x",
      "/v1/%6dodels",
      "/v1/chat/",
      "",
      "/__proto__",
      "/../",
    ])
      equal(TABLE.find("GET", path), undefined, path);
    equal(TABLE.find("__proto__", ""), undefined);
  });

  test("the methods of a path", () => {
    deepEqual(TABLE.methodsOf("/"), ["GET", "HEAD"]);
    deepEqual(TABLE.methodsOf("/v1/chat"), ["POST"]);
    deepEqual(TABLE.methodsOf("/v1/models/x"), ["GET"]);
    deepEqual(TABLE.methodsOf("/nothing"), []);
  });
});
