import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import type { OpaqueState, ReasoningPart } from "../../core/part.ts";
import { emptyRequest } from "../../core/request.ts";
import { SENSITIVE_KINDS } from "../../core/sensitive/patterns.ts";
import { Finder, type OwnPattern } from "./finder.ts";
import { mapJsonText } from "./json.ts";
import { redactRequest } from "./redact-request.ts";
import { Replacements } from "./replacements.ts";
import { restore, TextRestorer } from "./restore.ts";

/** Not written out: whoever scans the repository for keys would find them. */
const KEY = `sk-${"Ab3dEf6hIj9kLm2nOp5qRs8t"}`;
const PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq\nab+/cd==\n-----END RSA PRIVATE KEY-----";
const employee: OwnPattern = { name: "employee-id", pattern: "\\bEMP-\\d{4}", ignore_case: true };
const project: OwnPattern = { name: "project", words: ["Blue", "Bluebird"], ignore_case: true };

function replacements(allowed: string[] = []): Replacements {
  return new Replacements(new Finder(SENSITIVE_KINDS, [employee, project], allowed));
}

function hidden(...texts: string[]): string[] {
  const own = replacements();
  return texts.map((text) => own.hide(text));
}

describe("placeholders", () => {
  test("the same value has the same one; numbers count each kind, in order", () => {
    deepEqual(hidden("a@x.com and b@x.com", "+49 30 901820", "b@x.com, c@x.com, a@x.com"), [
      "[EMAIL_1] and [EMAIL_2]",
      "[PHONE_1]",
      "[EMAIL_2], [EMAIL_3], [EMAIL_1]",
    ]);
  });

  test("what is found twice is one, called after the more telling kind", () => {
    deepEqual(hidden(`api_key="${KEY}"`, "postgres://joe:hunter2@db.example.com/x", PEM), [
      'api_key="[KEY_1]"',
      "postgres://[LOGIN_1]/x",
      "[PRIVATE_KEY_1]",
    ]);
  });

  test("patterns and words of the owner", () => {
    deepEqual(hidden("emp-1234 of BLUEBIRD, not bluebirds, is blue"), [
      "[EMPLOYEE_ID_1] of [PROJECT_1], not bluebirds, is [PROJECT_2]",
    ]);
  });

  test("code and data that only look alike stay", () => {
    for (const text of [
      "interface Login { password: string; token: Token }",
      "const token = process.env.TOKEN2;",
      "Bearer authentication",
      "1764378915000",
      "a[0]_1 = 1",
    ])
      deepEqual(hidden(text), [text]);
  });

  test("what is allowed stays", () => {
    equal(replacements(["git@github.com"]).hide("GIT@github.com, me@github.com"), "GIT@github.com, [EMAIL_1]");
  });

  test("one that somebody wrote himself stands for nothing, and keeps its meaning", () => {
    const own = replacements();
    const texts = ["[EMAIL_1] is for a@x.com", "and [EMAIL_2], `email_2`, EMAIL\\_3", "b@x.com"];
    const sent = texts.map((text) => own.hide(text));
    deepEqual(sent, ["[EMAIL_1] is for [EMAIL_2]", "and [[EMAIL_4]], `email_2`, EMAIL\\_3", "[EMAIL_5]"]);
    deepEqual(
      sent.map((text) => restore(text, own)),
      texts,
    );
  });
});

describe("restoring", () => {
  const own = replacements();
  own.hide("a@x.com emp-1234");
  for (const [said, expected] of [
    ["Write to [EMAIL_1].", "Write to a@x.com."],
    ["[email_1] [Email_1] [EMPLOYEE_ID_1]", "a@x.com a@x.com emp-1234"],
    ["\\[EMAIL\\_1\\] [EMPLOYEE\\_ID\\_1] EMPLOYEE\\_ID\\_1", "a@x.com emp-1234 emp-1234"],
    [
      "EMAIL_1, (EMAIL_1) <EMAIL_1> **EMAIL_1** mailto:EMAIL_1",
      "a@x.com, (a@x.com) <a@x.com> **a@x.com** mailto:a@x.com",
    ],
    ["[EMAIL_1](mailto:[EMAIL_1])", "a@x.com(mailto:a@x.com)"],
    ["[[EMAIL_1]] [EMAIL_1, EMAIL_1]", "[a@x.com] [a@x.com, a@x.com]"],
    // Nobody's.
    [
      "[EMAIL_2] [EMAIL_11] [EMAIL_] [EMAIL] [EMAILS_1] [EMAIL_1x]",
      "[EMAIL_2] [EMAIL_11] [EMAIL_] [EMAIL] [EMAILS_1] [EMAIL_1x]",
    ],
    // Code.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's.
    ["row[email_1] f()[email_1] email_1 $EMAIL_1 ${EMAIL_1} env.EMAIL_1 MY_EMAIL_1 EMAIL_1=x EMAIL_12", undefined],
    ["[", "["],
    ["\\", "\\"],
    ["[EMAIL_1", "[a@x.com"],
  ] as const) {
    test(JSON.stringify(said), () => {
      equal(restore(said, own), expected ?? said);
      const restorer = new TextRestorer(own);
      const one = [...said].map((char) => restorer.push(char)).join("") + restorer.flush();
      equal(one, expected ?? said);
    });
  }

  test("only what may become a placeholder waits", () => {
    const restorer = new TextRestorer(own);
    const said = ["Ask [", "EMA", "IL_", "1", "] or [", "x] EM", "U"].map((piece) => restorer.push(piece));
    deepEqual(said, ["Ask ", "", "", "", "a@x.com or ", "[x] ", "EMU"]);
  });

  test("in JSON values are escaped, and places are moved", () => {
    const keys = replacements();
    keys.hide(PEM);
    equal(restore('{"key":"[PRIVATE_KEY_1]"}', keys, { asJson: true }), JSON.stringify({ key: PEM }));
    const restorer = new TextRestorer(own);
    restorer.push("see [EMAIL_1] there");
    deepEqual(
      [
        restorer.shifts.place(2, "start"),
        restorer.shifts.place(4, "start"),
        restorer.shifts.place(13, "end"),
        restorer.shifts.place(19, "end"),
      ],
      [2, 4, 11, 17],
    );
  });
});

describe("whatever the text, and wherever it is cut", () => {
  const PIECES = [
    "a@x.com",
    "b.c+d@mail.example.org",
    KEY,
    PEM,
    "4111 1111 1111 1111",
    "+49 30 901820",
    "EMP-1234",
    "Bluebird",
    "password=hunter22",
    "https://u:p@h.example/x",
    "[EMAIL_1]",
    "[email_2]",
    "EMAIL_1",
    "KEY_1",
    "\\[EMAIL\\_1\\]",
    "[",
    "]",
    "\\",
    "_",
    "1",
    "[EMAIL_",
    "PRIVATE_",
    "EMAIL",
    "E",
    " ",
    "\n",
    "😀",
    "é",
    "x",
    ".",
    "$",
    "{",
    "(",
    ":",
    "'",
    '"',
    "row[key_1]",
    "[[",
    "]]",
    "\\\\",
    "12",
    "EMPLOYEE_ID_1",
  ];

  /** The same in every run. */
  function* numbers(seed: number): Generator<number> {
    for (let state = seed; ; ) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      yield state / 2 ** 32;
    }
  }

  test("restore(hide(text)) is the text", () => {
    const random = numbers(42);
    const next = (below: number) => Math.floor((random.next().value ?? 0) * below);
    for (let run = 0; run < 300; run++) {
      const own = replacements();
      const texts = Array.from({ length: 1 + next(3) }, () =>
        Array.from({ length: next(14) }, () => PIECES[next(PIECES.length)] ?? "").join(""),
      );
      for (const text of texts) {
        const sent = own.hide(text);
        const restorer = new TextRestorer(own);
        let back = "";
        for (let at = 0; at < sent.length; ) {
          const length = 1 + next(6);
          back += restorer.push(sent.slice(at, at + length));
          at += length;
        }
        back += restorer.flush();
        equal(back, text, JSON.stringify({ texts, sent }));
      }
    }
  });
});

describe("files in a request", () => {
  const sent = (mediaType: string, bytes: string | Buffer) => {
    const data = Buffer.from(bytes).toString("base64");
    const request = emptyRequest("openai", "m");
    request.messages.push({
      role: "user",
      parts: [{ type: "document", source: { kind: "base64", mediaType, data } }],
    });
    const part = redactRequest(request, replacements()).messages[0]?.parts[0];
    return part?.type === "document" && part.source.kind === "base64"
      ? Buffer.from(part.source.data, "base64").toString("latin1")
      : undefined;
  };

  test("text in base64, which providers' APIs take as words, is text", () => {
    for (const type of ["text/plain", "Text/CSV; charset=utf-8", "application/json", "application/octet-stream"])
      equal(sent(type, "from a@x.com"), "from [EMAIL_1]", type);
  });

  test("other bytes stay as they are", () => {
    equal(sent("application/pdf", "%PDF-1.4 a@x.com"), "%PDF-1.4 a@x.com");
    equal(sent("application/octet-stream", "%PDF-1.4 a@x.com"), "%PDF-1.4 a@x.com");
    equal(sent("application/octet-stream", Buffer.from("\xff a@x.com", "latin1")), "\xff a@x.com");
    equal(sent("text/plain", Buffer.from("\xff nobody", "latin1")), "\xff nobody");
  });
});

describe("much of it", () => {
  test("values beside what looks like their placeholders take time in proportion", () => {
    const cpuMs = (beside: string) => {
      const own = replacements();
      own.hide("a@x.com");
      const text = Array.from({ length: 12_000 }, (_, index) => `m${index}@x.com ${beside}`).join(" ");
      const started = process.cpuUsage();
      own.hide(text);
      return process.cpuUsage(started).user / 1000;
    };
    const [plain, alike] = [cpuMs("[EMAILS_1]"), cpuMs("[EMAIL_1]")];
    ok(alike < 4 * plain + 200, `${alike} ms, without them ${plain} ms`);
  });

  test("a string of many megabytes in arguments, and any blanks behind a name", () => {
    const long = "x".repeat(12_000_000);
    equal(mapJsonText(JSON.stringify({ long, end: "\\" }), (text) => text).length, long.length + 22);
    const named = mapJsonText(
      `{"a":1.5,"\\u0070w"${" ".repeat(200)}:"b\\"","c":[true,"d"]}`,
      (text, field) => `${field}=${text}`,
    );
    equal(named.replaceAll(/ +/g, ""), '{"undefined=a":"a=1.5","undefined=pw":"pw=b\\"","undefined=c":[true,"c=d"]}');
  });
});

describe("reasoning in a request", () => {
  const state: OpaqueState = { dialect: "anthropic", kind: "signature", value: "c2lnbmVk" };
  const sent = (reasoning: Omit<ReasoningPart, "type">) => {
    const request = emptyRequest("anthropic", "m");
    request.messages.push(
      { role: "user", parts: [{ type: "text", text: "I am a@x.com" }] },
      { role: "assistant", parts: [{ type: "reasoning", ...reasoning }] },
    );
    const { messages } = redactRequest(request, replacements());
    return messages[1]?.parts[0];
  };

  test("signed with the placeholders the model wrote, it goes back as it came, with what the model made up", () => {
    const part = { text: "[EMAIL_1], perhaps info@made-up.example", state };
    deepEqual(sent(part), { type: "reasoning", ...part });
  });

  test("signed where values could be seen, it goes without the signature", () => {
    deepEqual(sent({ text: "a@x.com", state }), { type: "reasoning", text: "[EMAIL_1]" });
    deepEqual(sent({ text: "", state: { ...state, value: "of a@x.com" } }), { type: "reasoning", text: "" });
  });

  test("unsigned, it is text; where the state holds all that is sent back, the copy beside it is too", () => {
    deepEqual(sent({ text: "[EMAIL_1] is a@x.com" }), { type: "reasoning", text: "[EMAIL_1] is [EMAIL_1]" });
    const kept: OpaqueState = { dialect: "openai", kind: "encrypted", value: "[]" };
    deepEqual(sent({ text: "a@x.com", state: kept }), { type: "reasoning", text: "[EMAIL_1]", state: kept });
  });
});
