import { deepEqual, equal, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import type { RawSide } from "../../../src/api/exchanges.ts";
import { curlOfRaw, curlOfRecord } from "./curl.ts";

const RAW: RawSide = {
  method: "POST",
  path: "/v1/messages?beta=true",
  request_headers: {
    host: "localhost",
    "content-length": "9",
    "x-api-key": "secret",
    "anthropic-version": "2023-06-01",
  },
  request: `{"say":"it's $HOME \`id\` \\n"}`,
  status: 200,
  response_headers: {},
  response: null,
  truncated: false,
};

/** The words a shell makes of the line, `curl` left out. */
function wordsOf(line: string, env: Record<string, string> = {}): string[] {
  const script = `curl() { for word; do printf '%s\\0' "$word"; done; }; ${line}`;
  return execFileSync("sh", ["-c", script], { env, encoding: "utf8" }).split("\0").slice(0, -1);
}

test("a shell makes the client's request of it, character by character", () => {
  const line = curlOfRaw("http://localhost:8090", RAW, true) ?? "";
  deepEqual(wordsOf(line, { ROUTER_API_KEY: "k e y" }), [
    "http://localhost:8090/v1/messages?beta=true",
    "-H",
    "authorization: Bearer k e y",
    "-H",
    "anthropic-version: 2023-06-01",
    "--data-binary",
    RAW.request,
  ]);
  ok(!line.includes("secret"));
});

test("without a key none is named; a body that was cut is not offered", () => {
  ok(!curlOfRaw("http://h", RAW, false)?.includes("ROUTER_API_KEY"));
  equal(curlOfRaw("http://h", { ...RAW, request: '{"say":"it', truncated: true }, false), undefined);
  deepEqual(wordsOf(curlOfRaw("http://h", { ...RAW, method: "GET", path: "/v1/models", request: null }, false) ?? ""), [
    "-X",
    "GET",
    "http://h/v1/models",
    "-H",
    "anthropic-version: 2023-06-01",
  ]);
});

test("of the record: what it says of the text", () => {
  const messages = [
    { role: "user", content: [{ type: "text", text: "one" }, { type: "image" }] },
    { role: "assistant", content: [{ type: "tool_use", name: "x" }] },
    { role: "tool", content: [{ type: "text", text: "two" }] },
  ];
  const line = curlOfRecord("http://h", { model: "m", stream: true, system: "Be brief.", messages }, false) ?? "";
  deepEqual(JSON.parse(wordsOf(line).at(-1) ?? ""), {
    model: "m",
    stream: true,
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "one" },
      { role: "user", content: "two" },
    ],
  });
  equal(curlOfRecord("http://h", { model: "m", stream: false, system: "x", messages: [] }, false), undefined);
  const withheld = [{ role: "user", content: [{ type: "text", text_chars: 3 }] }];
  equal(curlOfRecord("http://h", { model: "m", stream: false, system: null, messages: withheld }, false), undefined);
});
