import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Classifier, ResponseClassifier } from "../src/classify/classifier.ts";
import { isObject, type JsonObject } from "../src/core/json.ts";
import { exchange } from "./support/exchange.ts";
import {
  type Cleanup,
  type InProcessOptions,
  type InProcessRouter,
  inProcess,
  oneProvider,
} from "./support/in-process.ts";
import { httpAnswer, tcpUpstream } from "./support/tcp-upstream.ts";
import type { Answer } from "./support/upstream/answer.ts";
import { type Script, startUpstream, type Upstream } from "./support/upstream/upstream.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../docs/classifiers.md"), "utf8");

async function scripted(t: Cleanup, format: "openai" | "ollama", script: Script): Promise<Upstream> {
  const upstream = await startUpstream(format);
  t.after(() => upstream.close());
  upstream.answer(script);
  return upstream;
}

async function send(router: InProcessRouter, body: JsonObject | string, headers: Record<string, string> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const {
    status,
    headers: got,
    trailers,
    body: bytes,
  } = await exchange(`${router.url}/v1/chat/completions`, { body: text, headers });
  const tags = (name: string) =>
    String(got[name] ?? trailers[name] ?? "")
      .split(",")
      .filter(Boolean);
  return {
    status,
    tags: tags("x-router-request-tags"),
    responseTags: tags("x-router-response-tags"),
    trailers,
    text: bytes.toString(),
  };
}

const said = (content: string, more: JsonObject = {}): JsonObject => ({
  model: "m",
  messages: [{ role: "user", content }],
  ...more,
});

/** A section of the page: its config, the request it shows, and what it says comes of it. */
function shown(heading: string) {
  const [, section = ""] = PAGE.split(`\n## ${heading}\n`);
  const text = section.split("\n## ")[0] ?? "";
  const block = (kind: string) => new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\``, "ms").exec(text)?.[1] ?? "";
  const [, name = "", tags = ""] = /^(X-Router-\w+-Tags): (.*)$/m.exec(text) ?? [];
  return { toml: block("toml"), json: block("json"), service: block("json service"), name, tags: tags.split(",") };
}

describe("what docs/classifiers.md shows comes of it", () => {
  async function run(
    t: Cleanup,
    heading: string,
    local: Script,
    change = (toml: string) => toml,
    env: InProcessOptions["env"] = {},
  ) {
    const [near, far] = [await scripted(t, "ollama", local), await scripted(t, "openai", { text: "far" })];
    const page = shown(heading);
    const toml = change(page.toml)
      .replace('preset = "ollama"', `format = "ollama"\nbase_url = "${near.url}"`)
      .replace('preset = "openai"', `format = "openai"\nbase_url = "${far.url}"`);
    const router = await inProcess(t, toml, { env });
    const answer = page.json === "" ? undefined : await send(router, page.json);
    return { page, router, near, far, answer };
  }

  test("keyword: the rule for what is private decides", async (t) => {
    const { answer, page, near, far } = await run(t, "keyword", { text: "near" });
    deepEqual([answer?.status, answer?.tags], [200, page.tags]);
    deepEqual([near.requests.length, far.requests.length, near.last().body["model"]], [1, 0, "llama3.2"]);
  });

  test("regex", async (t) => {
    const { answer, page } = await run(t, "regex", { text: "near" });
    deepEqual(answer?.tags, page.tags);
  });

  test("structure: the language decides", async (t) => {
    const { answer, page, near, router } = await run(t, "structure", { text: "near" });
    deepEqual([answer?.tags, near.requests.length], [page.tags, 1]);
    deepEqual((await send(router, said("Hello, what is the news and how are you?"))).tags, ["lang:en"]);
  });

  test("llm: what the small model says decides", async (t) => {
    const { answer, page, near } = await run(t, "llm", ({ body }) =>
      body["model"] === "qwen3:0.6b" ? { text: '{"tags":["chat"]}' } : { text: "near" },
    );
    deepEqual([answer?.tags, near.requests.map(({ body }) => body["model"])], [page.tags, ["qwen3:0.6b", "llama3.2"]]);
    ok(isObject(near.requests[0]?.body["format"]));
    match(near.requests[0]?.raw.toString() ?? "", /small talk.*Requests about the router itself are code/);
  });

  test("http: the service gets what is shown", async (t) => {
    const service = await tcpUpstream(t, (socket) =>
      socket.write(httpAnswer(200, "application/json", '{"tags":["urgent","of its own"]}')),
    );
    const here = (toml: string) => toml.replace("http://localhost:9000", service.origin);
    const { answer, page } = await run(t, "http", { text: "near" }, here, { CLASSIFIER_KEY: "secret-key" });
    deepEqual(answer?.tags, page.tags);
    const [request] = service.requests;
    const got: JsonObject = JSON.parse(request?.body.toString() ?? "");
    match(String(got["conversation"]), /^[0-9a-f]{64}$/);
    deepEqual({ ...got, conversation: 0 }, { ...JSON.parse(page.service), conversation: 0 });
    ok(request?.head.includes("authorization: Bearer secret-key"));
  });

  test("refusal, and regex of answers, whole and streamed", async (t) => {
    const declined = await run(t, "refusal", { text: "Dabei kann ich NICHT helfen." });
    const found = await run(t, "regex of answers", { text: "ToDo: sk-abcdefghijklmnopqrstu" });
    for (const stream of [false, true]) {
      deepEqual((await send(declined.router, said("hi", { stream }))).responseTags, ["refusal"]);
      deepEqual((await send(found.router, said("hi", { stream }))).responseTags, ["key", "unfinished"]);
    }
  });

  test("truncated, empty, json-invalid", async (t) => {
    const cut: Answer = { text: '{"greeting": "Hel', finish: "length" };
    const { answer, page, router, near } = await run(t, "truncated, empty, json-invalid", cut);
    deepEqual([page.name, answer?.responseTags], ["X-Router-Response-Tags", page.tags]);
    near.answer({ text: "" });
    deepEqual((await send(router, said("hi", { stream: true }))).responseTags, ["empty"]);
    near.answer({ text: '{"a":1}' });
    deepEqual((await send(router, page.json)).responseTags, []);
    const schema = { type: "object", properties: { a: { type: "string" } } };
    const response_format = { type: "json_schema", json_schema: { name: "x", schema } };
    deepEqual((await send(router, said("hi", { response_format, stream: true }))).responseTags, ["json-invalid"]);
  });
});

/** What `JSON.parse` gives has any type: what a module in JavaScript may return. */
const garbage = (json: string) => JSON.parse(json);

describe("classifiers that do what they must not", () => {
  const keyword = '[classifiers.keyword]\nenabled = true\n[classifiers.keyword.tags]\ngreeting = ["hi"]';
  const refusal = "[response_classifiers.refusal]\nenabled = true";

  test("the tags of the others count, the request is answered, and the log says who failed and how", async (t) => {
    let aborted = false;
    const fail = () => {
      throw new Error("no luck");
    };
    const classifiers: Classifier[] = [
      { id: "throws", classify: fail },
      { id: "rejects", classify: () => Promise.reject(new Error("no luck")) },
      {
        id: "hangs",
        classify: (_request, { signal }) => {
          signal.addEventListener("abort", () => {
            aborted = true;
          });
          return new Promise(() => undefined);
        },
      },
      { id: "text", classify: () => "tags" },
      { id: "number", classify: () => garbage("7") },
      { id: "numbers", classify: () => Promise.resolve(garbage("[7]")) },
      { id: "long", classify: () => ["x".repeat(101)] },
      { id: "many", classify: () => Array.from({ length: 101 }, String) },
      { id: "works", classify: async () => ["late", "greeting"] },
    ];
    const responseClassifiers: ResponseClassifier[] = [
      { id: "throws", classify: fail },
      { id: "empty", classify: () => [""] },
      { id: "nothing", classify: () => garbage("null") },
      { id: "works", classify: () => ["mine"] },
    ];
    const upstream = await scripted(t, "openai", { text: "I must decline." });
    const toml = `${oneProvider("openai", upstream.url)}\n[pipeline]\nclassifier_deadline_ms = 60\n${keyword}\n${refusal}`;
    const router = await inProcess(t, toml, { classifiers, responseClassifiers });
    for (const stream of [false, true]) {
      const { status, tags, responseTags, trailers, text } = await send(router, said("hi", { stream }));
      deepEqual([status, tags, responseTags], [200, ["late", "greeting"], ["mine", "refusal"]]);
      equal(trailers["x-router-response-tags"], stream ? "mine,refusal" : undefined);
      ok(!text.includes("greeting"));
    }
    ok(aborted);
    for (const complete of await router.completed(2)) {
      deepEqual(
        [complete.tags, complete.response?.tags],
        [
          ["late", "greeting"],
          ["mine", "refusal"],
        ],
      );
    }
    const classified = router.events.filter((event) => event.type === "classified");
    deepEqual(
      classified.map(({ tags }) => tags),
      [
        ["late", "greeting"],
        ["late", "greeting"],
      ],
    );
    const lines = router.log.slice(0, router.log.length / 2);
    deepEqual(lines.map((line) => line.replace(/^warn: /, "")).sort(), [
      "classifier hangs took longer than 60 ms and was skipped",
      "classifier long failed and was skipped: a tag is a text of 1 to 100 characters, not string",
      "classifier many failed and was skipped: it gave 101 tags, more than 100",
      "classifier number failed and was skipped: it gave number, not a list of tags",
      "classifier numbers failed and was skipped: a tag is a text of 1 to 100 characters, not number",
      "classifier rejects failed and was skipped: no luck",
      "classifier text failed and was skipped: it gave string, not a list of tags",
      "classifier throws failed and was skipped: no luck",
      "response classifier empty failed and was skipped: a tag is a text of 1 to 100 characters, not string",
      "response classifier nothing failed and was skipped: it gave null, not a list of tags",
      "response classifier throws failed and was skipped: no luck",
    ]);
  });

  test("a service that is not there, or answers otherwise, gives no tags", async (t) => {
    const upstream = await scripted(t, "openai", { text: "fine" });
    for (const answer of [
      undefined,
      httpAnswer(500, "text/plain", "no"),
      httpAnswer(200, "application/json", '{"tags":[1]}'),
    ]) {
      const service = await tcpUpstream(t, (socket) =>
        answer === undefined ? socket.destroy() : socket.write(answer),
      );
      const http = `[classifiers.http]\nenabled = true\nurl = "${service.origin}/x"`;
      const router = await inProcess(t, `${oneProvider("openai", upstream.url)}\n${keyword}\n${http}`);
      deepEqual((await send(router, said("hi"))).tags, ["greeting"]);
      equal(router.log.length, 1);
      match(router.log[0] ?? "", /^warn: classifier http failed and was skipped: .*127\.0\.0\.1/);
    }
  });
});

describe("sticky", () => {
  test("yes after a plan keeps the plan's tags, in this conversation and for this client", async (t) => {
    const upstream = await scripted(t, "openai", { text: "fine" });
    const toml = `${oneProvider("openai", upstream.url)}
[classifiers.keyword]\nenabled = true\nsticky = true\n[classifiers.keyword.tags]\nplan = ["refactor"]\nlaw = ["contract"]`;
    const router = await inProcess(t, toml);
    const turn = (first: string, last: string): JsonObject => ({
      model: "m",
      messages: [
        { role: "system", content: "You help." },
        { role: "user", content: first },
        ...(last === ""
          ? []
          : [
              { role: "assistant", content: "Shall I?" },
              { role: "user", content: last },
            ]),
      ],
    });
    const key = (name: string) => ({ authorization: `Bearer ${name}` });
    const tags = async (body: JsonObject, name = "one") => (await send(router, body, key(name))).tags;
    // The plan's words are in an attached text that the next turn leaves out, as agents do that compact their context.
    const planned = turn("Look at this", "");
    const attached = {
      ...planned,
      messages: [
        ...(Array.isArray(planned["messages"]) ? planned["messages"] : []),
        { role: "user", content: "refactor it" },
      ],
    };
    deepEqual(await tags(attached), ["plan"]);
    deepEqual(await tags(turn("Look at this", "yes")), ["plan"]);
    deepEqual(await tags(turn("Look at that", "yes")), []);
    deepEqual(await tags(turn("Look at this", "yes"), "other"), []);
    // What is found counts instead, and from then on.
    deepEqual(await tags(turn("Look at this", "the contract")), ["law"]);
    deepEqual(await tags(turn("Look at this", "yes")), ["law"]);
  });
});
