import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChatRequest, emptyRequest } from "../request.ts";
import { estimateTextTokens, estimateTokens } from "./estimate.ts";

/** Counts of the o200k encoding (gpt-tokenizer). */
const COUNTED: [name: string, tokens: number, text: string][] = [
  [
    "prose",
    45,
    "The router reads the request once, decides where it should go, and streams the answer back to the client without waiting for the end. When a provider fails before the first word has been written, another one is tried instead.",
  ],
  [
    "code",
    66,
    'export function kindOfStatus(status: number): FailureKind {\n  switch (status) {\n    case 401:\n    case 403:\n      return "credential";\n    case 429:\n      return "rate-limit";\n  }\n  return status >= 500 || status < 400 ? "target" : "caller";\n}\n',
  ],
  [
    "Chinese",
    35,
    "路由器只读取一次请求,决定将其发送到哪里,然后把答案以流的形式返回给客户端,而无需等待全部内容生成完毕。",
  ],
  [
    "Japanese",
    40,
    "ルーターはリクエストを一度だけ読み取り、送信先を決定し、応答をクライアントにストリーミングで返します。",
  ],
  ["Korean", 31, "라우터는 요청을 한 번만 읽고 어디로 보낼지 결정한 다음 답변을 클라이언트로 스트리밍합니다."],
  [
    "Russian",
    34,
    "Маршрутизатор читает запрос один раз, решает, куда его отправить, и передаёт ответ клиенту, не дожидаясь конца.",
  ],
  [
    "German",
    30,
    "Der Router liest die Anfrage genau einmal, entscheidet, wohin sie gehen soll, und überträgt die Antwort, ohne auf das Ende zu warten.",
  ],
  [
    "numbers",
    73,
    "2026-11-23T12:03:49Z 192.168.0.1 3.14159265358979 1000000 0xdeadbeef 4f3a9c1e-77b2-4d0e-9f51-2b6c8d7e0a11",
  ],
  ["emoji", 17, "Done! 🎉 All tests pass ✅ and the build is green 🚀🚀"],
];

const SCHEMA = {
  type: "object",
  properties: {
    city: { type: "string", description: "The city and state, e.g. San Francisco, CA" },
    unit: { type: "string", enum: ["celsius", "fahrenheit"] },
    days: { type: "integer", minimum: 1, maximum: 14 },
  },
  required: ["city"],
  additionalProperties: false,
};

function near(estimate: number, counted: number, name: string): void {
  const ratio = estimate / counted;
  assert.ok(ratio >= 0.75 && ratio <= 1.25, `${name}: ${estimate} for ${counted}`);
}

function asking(fields: Partial<ChatRequest>): number {
  return estimateTokens({ ...emptyRequest("openai", "m"), ...fields });
}

test("texts in many scripts are within a quarter of their count", () => {
  for (const [name, tokens, text] of COUNTED) near(estimateTextTokens(text), tokens, name);
  assert.equal(estimateTextTokens(""), 0);
});

test("a schema counts as its JSON text does (69 tokens)", () => {
  near(asking({ output: { kind: "json_schema", schema: SCHEMA } }) - asking({}), 69, "schema");
});

test("a long text is sampled, with the same result and in little time", () => {
  const text = (COUNTED[0]?.[2] ?? "").repeat(5000);
  near(estimateTextTokens(text), 45 * 5000, "sampled");
  // The best of many: others want the machine too.
  let bestMs = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 50; turn++) {
    const before = performance.now();
    estimateTextTokens(text);
    bestMs = Math.min(bestMs, performance.now() - before);
  }
  assert.ok(bestMs < 50, `${bestMs} ms`);
});

test("every part of a request adds to it; base64 is not counted as text", () => {
  const image = {
    type: "image" as const,
    source: { kind: "base64" as const, mediaType: "image/png", data: "A".repeat(400_000) },
  };
  const result = { type: "tool-result" as const, callId: "a", parts: [image], isError: false };
  const call = {
    type: "tool-call" as const,
    id: "a",
    name: "f",
    arguments: '{"path":"/tmp/x"}',
    kind: "function" as const,
  };
  const one = asking({ messages: [{ role: "tool", parts: [result] }] });
  assert.ok(one > 1400 && one < 1700, `${one}`);
  assert.ok(
    asking({ messages: [{ role: "assistant", parts: [call] }] }) >
      asking({ messages: [{ role: "assistant", parts: [] }] }),
  );
  assert.ok(asking({ tools: [{ kind: "function", name: "f", parameters: SCHEMA }] }) > 60);
  assert.ok(asking({ system: [{ type: "text", text: "You are a router." }] }) > asking({}));
});
