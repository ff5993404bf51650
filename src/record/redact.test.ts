import { equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { redact } from "./redact.ts";

/** Not written out: whoever scans the repository for keys would find them. */
const key = (prefix: string, body = "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z") => prefix + body;
const PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq\nab+/cd==\n-----END RSA PRIVATE KEY-----";

describe("is masked", () => {
  for (const [text, expected] of [
    [`key ${key("sk-")} here`, "key [key] here"],
    [key("sk-ant-api03-"), "[key]"],
    [key("sk-proj-"), "[key]"],
    [`("${key("gsk_")}")`, '("[key]")'],
    [key("xai-"), "[key]"],
    [key("hf_"), "[key]"],
    [key("nvapi-"), "[key]"],
    [key("ghp_"), "[key]"],
    [key("github_pat_"), "[key]"],
    [key("glpat-"), "[key]"],
    [key("xoxb-"), "[key]"],
    [key("npm_"), "[key]"],
    [key("AIza"), "[key]"],
    [key("hvs."), "[key]"],
    [key("tvly-"), "[key]"],
    [`123456789${key(":AA", "b".repeat(33))}`, "[key]"],
    [
      `https://hooks.slack.com/services/T00000000/B00000000/${"x".repeat(24)}`,
      "https://hooks.slack.com/services/[key]",
    ],
    [key("sk_live_"), "[key]"],
    [key("AKIA", "IOSFODNN7EXAMPLE"), "[key]"],
    [`${key("SG.", "aaaaaaaaaaaaaaaaaaaaaa")}.${"b".repeat(40)}`, "[key]"],
    [`${key("eyJ", "hbGciOiJIUzI1")}.${key("eyJ", "zdWIiOiIxMjM0")}.c2lnbmF0dXJl`, "[token]"],
    ["Authorization: Bearer abcdefgh12345678", "Authorization: Bearer [token]"],
    ["authorization: Basic dXNlcjpwYXNz", "authorization: Basic [secret]"],
    [`before\n${PEM}\nafter`, "before\n[private key]\nafter"],
    ["cut: -----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQ", "cut: [private key]"],
    ["postgres://joe:hunter2@db.example/x", "postgres://[secret]@db.example/x"],
    ["password=hunter22", "password=[secret]"],
    ['{"password": "hunter22"}', '{"password": "[secret]"}'],
    ['{\\"api_key\\":\\"abcdef123\\"}', '{\\"api_key\\":\\"[secret]\\"}'],
    ["MY_SECRET: abc123def", "MY_SECRET: [secret]"],
    ["write to jo.do+x@mail.example.com, please", "write to [email], please"],
    ["<JO@EXAMPLE.ORG>", "<[email]>"],
    ["card 4111 1111 1111 1111.", "card [card]."],
    ["5500-0000-0000-0004", "[card]"],
    ["no. 1234 4111 1111 1111 1111 123", "no. 1234 [card] 123"],
    ["378282246310005", "[card]"],
    ["DE89370400440532013000", "[iban]"],
    ["BE68 5390 0754 7034 EURO", "[iban] EURO"],
    ["IBAN GB82 WEST 1234 5698 7654 32!", "IBAN [iban]!"],
    ["ssn 078-05-1120", "ssn [ssn]"],
    ["from 203.0.113.7:443", "from [ip]:443"],
    ["at 2001:db8:85a3::8a2e:370:7334.", "at [ip]."],
    ["call +49 30 901820", "call [phone]"],
    ["+14155552671", "[phone]"],
    ["(415) 555-2671", "[phone]"],
    ["415-555-2671 or 415.555.2671", "[phone] or [phone]"],
    ["030 901820", "[phone]"],
    ["0171/1234567", "[phone]"],
  ] as const)
    test(JSON.stringify(text).slice(0, 60), () => equal(redact(text), expected));
});

describe("is left alone", () => {
  for (const text of [
    "",
    "The quick brown fox jumps over the lazy dog.",
    "risk-free, task-oriented, ask-me-anything-you-like-today",
    "const total = items.length * 1000000;",
    "2026-11-28T22:01:17.123Z",
    "1795439251187",
    "commit 1154df3c4b5a69788796a5b4c3d2e1f00f1e2d3c",
    "324376dc-e388-46f3-82c2-37bbfca990c6",
    "4111 1111 1111 1112 has a wrong check digit",
    "DE00370400440532013000 too",
    "version 1.2.3, 127.0.0.1 and 0.0.0.0",
    "300.1.2.3 is no address",
    "12:34:56 and std::vector::begin",
    "::1",
    "the token is short: x",
    "a @mention and a@b",
    "max_tokens: 100000",
    "RFC 2119, ISO 13616, 10.5 %",
  ])
    test(JSON.stringify(text).slice(0, 60), () => equal(redact(text), text));
});

test("what was masked once stays as it is", () => {
  const once = redact(`${key("sk-")} jo@a.test password=hunter22 Bearer abcdefgh12345678`);
  equal(redact(once), once);
});

/** Beginnings of every pattern, again and again: what makes patterns slow that look back or ahead too far. */
const PIECES = [
  ...["a", "a.", "1", "1 ", "1-", "1.", "@", "a@", "a@a.", ":", "f:", "+", "+1", "+1 ", "eyJ", "eyJa.", "eyJaaaaaaaa."],
  ...[
    "sk-",
    "sk-a ",
    "token",
    "token=",
    "token:  ",
    "bearer ",
    "bearer\t\t",
    "://",
    "://a",
    "://a:b",
    "A",
    "AB12",
    "DE00 ",
  ],
  ...[
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----\n-----END ",
    "0",
    "012 ",
    "(012) ",
    "012-",
  ],
  ...["AKIA", "SG.", "SG.aaaaaaaaaaaaaaaa", '\\"', " ", "\t", 'password\\"', "ghp_", "9-9-9-", "AB12AB12", "é", "%"],
];

test("takes time in proportion to the text, whatever that is", () => {
  const timeOf = (piece: string, length: number) => {
    const text = piece.repeat(Math.ceil(length / piece.length));
    const began = performance.now();
    redact(text);
    return performance.now() - began;
  };
  for (const piece of PIECES) {
    // A pattern that looks at every pair of characters would take minutes.
    const ms = timeOf(piece, 500_000);
    ok(ms < 5_000, `${JSON.stringify(piece)}: ${Math.round(ms)} ms`);
  }
});
