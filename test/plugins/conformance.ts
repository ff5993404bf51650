import { deepEqual, doesNotMatch, equal, match, ok, throws } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { jsonSchemaOf } from "../../src/config/check/explain.ts";
import { systemClock } from "../../src/core/clock.ts";
import { asObject, isObject, type JsonObject, objectsOf } from "../../src/core/json.ts";
import { type BuiltPlugin, type PluginKind, type PluginTools, SettingsError } from "../../src/plugins/define.ts";
import { PLAIN } from "../conformance/feature.ts";
import { ASK } from "../support/clients/ask.ts";
import { CLIENT_FORMATS, type ClientFormat, type Heard } from "../support/clients/heard.ts";
import { exchange } from "../support/exchange.ts";
import { type InProcessRouter, oneProvider, startInProcess } from "../support/in-process.ts";
import type { Answer } from "../support/upstream/answer.ts";
import { startUpstream, type Upstream } from "../support/upstream/upstream.ts";

/** A plugin that is put to the test. */
export interface Subject {
  kind: PluginKind;
  /** With which it is enabled; the provider it may name is `p`. */
  settings: JsonObject;
  /** It leaves a plain request, and the answer to it, as they are: their bytes pass through. */
  quiet: boolean;
}

const TOOLS: PluginTools = { log: () => undefined, clock: systemClock, random: () => 0, env: {} };

/** Nothing that any plugin is there to change. */
const ANSWER: Answer = {
  thinking: { text: "They said hi." },
  text: "Let me look.",
  toolCalls: [
    { id: "call_1", name: "look", args: '{"at":"home"}' },
    { id: "call_2", name: "look", args: '{"at":  "work"}' },
  ],
  usage: { input: 21, output: 9 },
};
/** What APIs without tools get. */
const WORDS: Answer = { text: "Hello.", usage: { input: 21, output: 9 } };

const parameters = { type: "object", properties: { at: { type: "string" } } };
const WITH_TOOLS: Partial<Record<ClientFormat, JsonObject>> = {
  openai: { tools: [{ type: "function", function: { name: "look", parameters } }] },
  "openai-responses": { tools: [{ type: "function", name: "look", parameters }] },
  anthropic: { tools: [{ name: "look", input_schema: parameters }] },
  ollama: { tools: [{ type: "function", function: { name: "look", parameters } }] },
  gemini: { tools: [{ functionDeclarations: [{ name: "look", parameters }] }] },
};

function requestOf(client: ClientFormat): JsonObject {
  return { model: "m", ...PLAIN[client], ...WITH_TOOLS[client] };
}

let plain: Promise<Map<string, unknown>> | undefined;

/** What clients get where there is no plugin; asked once. */
function answersWithout(): Promise<Map<string, unknown>> {
  plain ??= (async () => {
    const upstream = await startUpstream("openai");
    const router = await startInProcess(oneProvider("openai", upstream.url), { plugins: [] });
    const answers = new Map<string, unknown>();
    for (const client of CLIENT_FORMATS) {
      upstream.answer(WITH_TOOLS[client] ? ANSWER : WORDS);
      for (const stream of [false, true]) {
        const heard = await ASK[client](router.url, requestOf(client), stream);
        equal(heard.error, undefined);
        answers.set(`${client}, stream: ${stream}`, shown(heard));
      }
    }
    await router.close();
    await upstream.close();
    return answers;
  })();
  return plain;
}

/** Runs what every plugin has to stand: built-in or not. One router for all of it. */
export function pluginConformance({ kind, settings, quiet }: Subject): void {
  describe(`plugin ${kind.name}`, () => {
    settingsConformance(kind, settings);
    let built: BuiltPlugin;
    let upstream: Upstream;
    let router: InProcessRouter;
    before(async () => {
      upstream = await startUpstream("openai");
      built = kind.build(settings, TOOLS);
      const enabled = { ...built, enabled: true };
      router = await startInProcess(oneProvider("openai", upstream.url), { plugins: [enabled] });
    });
    after(async () => {
      await router.close();
      await upstream.close();
      await built.plugin.close?.();
    });

    test("answers with tool calls, thinking and usage reach clients of every API as without it, whole and streamed", async () => {
      const without = await answersWithout();
      for (const client of CLIENT_FORMATS) {
        upstream.answer(WITH_TOOLS[client] ? ANSWER : WORDS);
        for (const stream of [false, true]) {
          const body = { ...requestOf(client), plugins: [{ id: kind.name }] };
          const name = `${client}, stream: ${stream}`;
          deepEqual(shown(await ASK[client](router.url, body, stream)), without.get(name), name);
          doesNotMatch(upstream.last().raw.toString(), /"plugins"/, name);
        }
      }
      for (const { outcome, plugins } of await router.completed(2 * CLIENT_FORMATS.length))
        deepEqual([outcome, plugins.every((id) => id === kind.name)], ["ok", true]);
    });

    test("a conversation goes to the provider in the same bytes again, and goes on where it was", async () => {
      const first = [{ role: "user", content: "hi there" }];
      const later = [...first, { role: "assistant", content: "Hello." }, { role: "user", content: "and now?" }];
      upstream.answer(WORDS);
      const sent: Buffer[] = [];
      for (const messages of [first, first, later]) {
        const body = JSON.stringify({ model: "m", messages });
        equal((await exchange(`${router.url}/v1/chat/completions`, { body })).status, 200);
        sent.push(upstream.last().raw);
      }
      const [once, again, next] = sent.map(String);
      equal(again, once);
      const messagesOf = (raw = "") => objectsOf(asObject(JSON.parse(raw))?.["messages"]);
      deepEqual(messagesOf(next).slice(0, messagesOf(once).length), messagesOf(once));
    });

    if (quiet) {
      test("what it has nothing to do with passes through, byte for byte", async () => {
        upstream.answer(WORDS);
        for (const stream of [false, true]) {
          const body = `{"model" : "m","stream":${stream}, "x":1.0, "messages":[{"role":"user","content":"hi"}]}`;
          const got = await exchange(`${router.url}/v1/chat/completions`, { body });
          equal(got.status, 200);
          equal(upstream.last().raw.toString(), body);
          match(got.body.toString(), stream ? /\[DONE\]\n\n$/ : /Hello\./);
        }
      });
    }

    test("a request's unknown setting is ignored with a line in the log, one of a wrong type a 400 that names it", async () => {
      upstream.answer(WORDS);
      for (const client of CLIENT_FORMATS) {
        const asked = (more: JsonObject) => {
          const plugins = [{ id: "no-such-plugin" }, { id: kind.name, ...more }];
          return ASK[client](router.url, { model: "m", ...PLAIN[client], plugins }, false);
        };
        router.log.length = 0;
        equal((await asked({ no_such_setting: 1 })).status, 200, client);
        ok(router.log.some((line) => /^warn: .*"no_such_setting".*ignored$/.test(line)));
        const before = upstream.requests.length;
        // All settings are read in one place: one client shows it of each.
        for (const key of keysOf(kind).slice(0, client === "openai" ? undefined : 1)) {
          const { status, error } = await asked({ [key]: [[0]] });
          equal(status, 400, `${client}: ${key}`);
          match(error?.message ?? "", new RegExp(`plugins\\[1\\]\\.${key}`), client);
        }
        equal(upstream.requests.length, before);
      }
    });
  });
}

function settingsConformance(kind: PluginKind, settings: JsonObject): void {
  test("its settings are strict, and each is described", () => {
    ok(kind.schema.safeParse(settings).success);
    equal(kind.schema.safeParse({ ...settings, no_such_setting: 1 }).success, false);
    const errors = kind.check?.(settings).filter(({ severity }) => severity === "error");
    deepEqual(errors ?? [], []);
    for (const [key, schema] of Object.entries(propertiesOf(kind)))
      ok(asObject(schema)?.["description"], `${kind.name}.${key} has no description`);
  });

  test("a request cannot set addresses, or where keys come from", () => {
    const { read, settings: shared } = kind.build(settings, TOOLS);
    // All requests share them.
    ok(Object.isFrozen(shared) && Object.isFrozen(read({}).settings));
    deepEqual(read({}), { settings: read({}).settings, ignored: [] });
    for (const key of keysOf(kind).filter((name) => /_env$|url|path|file/.test(name)))
      throws(() => read({ [key]: "x" }), SettingsError, key);
  });

  test("it can be built twice over, and closed twice", async () => {
    const [one, two] = [kind.build(settings, TOOLS), kind.build(settings, TOOLS)];
    equal(one.plugin.id, kind.name);
    for (const { plugin } of [one, one, two]) await plugin.close?.();
  });
}

function propertiesOf(kind: PluginKind): JsonObject {
  const { properties } = jsonSchemaOf(kind.schema);
  return isObject(properties) ? properties : {};
}

function keysOf(kind: PluginKind): string[] {
  return Object.keys(propertiesOf(kind));
}

/** What a client makes of an answer; ids of items differ from one answer to the next where its API has them. */
function shown({ status, text, thinking, toolCalls, refusal, citations, finish, usage, error }: Heard) {
  const calls = toolCalls.map(({ name, args }) => ({ name, args }));
  return { status, text, thinking, calls, refusal, citations, finish, usage, error };
}
