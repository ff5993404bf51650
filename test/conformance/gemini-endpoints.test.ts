import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { GoogleGenAI } from "@google/genai";
import { exchange } from "../support/exchange.ts";
import { type Fleet, modelFor, startFleet } from "../support/fleet.ts";

const KEY = "router-key-of-the-test";

// What Google's SDK calls besides chat: under /v1, which it shares with OpenAI's and Anthropic's clients, and under /v1beta.
describe("Gemini's other endpoints, by Google's SDK", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet({ server: 'api_key_env = "ROUTER_KEY"', env: { ROUTER_KEY: KEY } });
    fleet.answer({ text: "hello" });
  });
  after(() => fleet.close());

  for (const apiVersion of ["v1", "v1beta"]) {
    const client = (apiKey = KEY) =>
      new GoogleGenAI({ apiKey, httpOptions: { baseUrl: fleet.router.url, apiVersion } });

    test(`${apiVersion}: models, listed and one`, async () => {
      const names: string[] = [];
      for await (const model of await client().models.list()) names.push(model.name ?? "");
      ok(names.includes("models/model-of-openai"), names.join(" "));
      const one = await client().models.get({ model: "model-of-openai" });
      equal(one.name, "models/model-of-openai");
      ok(one.supportedActions?.includes("generateContent"));
    });

    test(`${apiVersion}: tokens, counted by the provider or estimated`, async () => {
      const count = async (provider: "gemini" | "openai") =>
        (await client().models.countTokens({ model: modelFor(provider).asked, contents: "how long is this?" }))
          .totalTokens;
      equal(await count("gemini"), 42);
      const estimated = (await count("openai")) ?? 0;
      ok(estimated > 3 && estimated < 20, String(estimated));
    });

    test(`${apiVersion}: embeddings, over Gemini and over others, of what only Gemini knows told`, async () => {
      for (const provider of ["gemini", "openai", "ollama"] as const) {
        const answer = await client().models.embedContent({ model: modelFor(provider).asked, contents: ["a", "b"] });
        equal(answer.embeddings?.length, 2, provider);
        ok(answer.embeddings?.every(({ values }) => (values?.length ?? 0) > 0));
      }
    });

    test(`${apiVersion}: a wrong key is refused in Google's shape`, async () => {
      const asked = client("wrong").models.generateContent({ model: modelFor("openai").asked, contents: "hi" });
      await rejects(asked, (error: Error & { status?: number }) => {
        match(error.message, /UNAUTHENTICATED/);
        return error.status === 401;
      });
      await rejects(client("wrong").models.get({ model: "model-of-openai" }), /UNAUTHENTICATED/);
    });
  }

  const post = (path: string, body: object) =>
    exchange(`${fleet.router.url}${path}`, { body: JSON.stringify(body), headers: { "x-goog-api-key": KEY } });

  test("a whole request is counted with its tools and system instruction", async () => {
    const contents = [{ parts: [{ text: "hi" }] }];
    const path = `/v1beta/models/${modelFor("openai").asked}:countTokens`;
    const short = await post(path, { contents });
    const more = { systemInstruction: { parts: [{ text: "Be brief and kind to everybody." }] } };
    const long = await post(path, { generateContentRequest: { model: "models/x", contents, ...more } });
    equal(long.headers["x-router-token-count"], "estimated");
    ok(JSON.parse(long.body.toString()).totalTokens > JSON.parse(short.body.toString()).totalTokens);
  });

  test("one embedding, and its task told as lost or sent on", async () => {
    const body = { content: { parts: [{ text: "a" }] }, taskType: "RETRIEVAL_QUERY" };
    const lost = await post(`/v1beta/models/${modelFor("openai").asked}:embedContent`, body);
    equal(lost.headers["x-router-losses"], "taskType=dropped");
    ok(JSON.parse(lost.body.toString()).embedding.values.length > 0);
    const kept = await post(`/v1beta/models/${modelFor("gemini").asked}:embedContent`, body);
    equal(kept.headers["x-router-losses"], undefined);
    const sent = fleet.upstreams.gemini.others.at(-1)?.body["requests"];
    deepEqual(sent, [{ model: "models/model-of-gemini", ...body }]);
  });
});
