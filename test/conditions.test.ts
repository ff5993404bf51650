import assert from "node:assert/strict";
import { test } from "node:test";
import { inProcess } from "./support/in-process.ts";

const CONFIG = `
[[providers]]
name = "a"
format = "simulated"
[[providers]]
name = "b"
format = "simulated"
[[providers]]
name = "c"
format = "simulated"
[[routers]]
type = "client"
client = "anthropic"
agent = "claude-code"
provider = "a"
[[routers]]
type = "match"
any = [{ header = { "x-team" = "search" } }, { min_input_tokens = 500 }]
provider = "b"
[[routers]]
type = "alias"
alias = "fast"
targets = [{ provider = "c", model = "simulated" }, { provider = "a" }]
[[routers]]
type = "weighted"
targets = [{ provider = "a", weight = 1 }, { provider = "b", weight = 1 }]
when = { model = "shared*" }
`;

test("conditions see the client, its headers and the length of its prompt, whatever it asks for", async (t) => {
  const { url, completed } = await inProcess(t, CONFIG);
  const ask = async (path: string, body: object, headers: Record<string, string> = {}): Promise<string | null> => {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    await response.text();
    return response.headers.get("x-router-provider");
  };
  const messages = [{ role: "user", content: "hello" }];
  const claude = { "user-agent": "claude-cli/2.1.330 (external, cli)" };
  assert.equal(await ask("/v1/messages", { model: "m", max_tokens: 9, messages }, claude), "a");
  assert.equal(await ask("/v1/chat/completions", { model: "m", messages }, { "X-Team": "search" }), "b");
  assert.equal(await ask("/v1/embeddings", { model: "m", input: "x" }, { "x-team": "search" }), "b");
  const long = [{ role: "user", content: "many words ".repeat(300) }];
  assert.equal(await ask("/v1/chat/completions", { model: "m", messages: long }), "b");
  assert.equal(await ask("/v1/embeddings", { model: "m", input: "many words ".repeat(300) }), "b");
  assert.equal(await ask("/v1/chat/completions", { model: "fast", messages }), "c");
  const [first] = await completed(1);
  const why = (await completed(4)).find(({ requested_model }) => requested_model === "fast")?.decision[0];
  assert.equal(first?.provider, "a");
  assert.equal(why?.["reason"], "client is not anthropic");
});

test("a weighted rule keeps a conversation where it is", async (t) => {
  const { url } = await inProcess(t, CONFIG);
  const turn = async (first: string, more: object[] = []): Promise<string | null> => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "shared", messages: [{ role: "user", content: first }, ...more] }),
    });
    await response.text();
    return response.headers.get("x-router-provider");
  };
  const begun = await Promise.all(Array.from({ length: 20 }, (_, index) => turn(`question ${index}`)));
  assert.deepEqual(new Set(begun), new Set(["a", "b"]));
  const more = [
    { role: "assistant", content: "yes" },
    { role: "user", content: "go on" },
  ];
  const later = await Promise.all(Array.from({ length: 20 }, (_, index) => turn(`question ${index}`, more)));
  assert.deepEqual(later, begun);
});

test("the model list shows aliases, with what they stand for", async (t) => {
  const { url } = await inProcess(t, CONFIG);
  const listed = JSON.parse(await (await fetch(`${url}/v1/models`)).text());
  assert.ok(listed.data.some(({ id }: { id: string }) => id === "fast"));
  const { models } = JSON.parse(await (await fetch(`${url}/router/models`)).text());
  const fast = models.find(({ id }: { id: string }) => id === "fast");
  assert.deepEqual(
    fast.providers.map(({ provider, model }: { provider: string; model: string }) => `${provider}/${model}`),
    ["a/fast", "c/simulated"],
  );
});
