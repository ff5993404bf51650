import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { routerWith, SIMULATED, write } from "./support/modules.ts";
import { post, rawClient } from "./support/raw-client.ts";
import { type RunningRouter, startRouter } from "./support/router.ts";
import { until } from "./support/until.ts";

interface Told {
  text: string;
  headers: Headers;
  status: number;
}

async function ask(url: string, body: object = {}): Promise<Told> {
  const messages = [{ role: "user", content: "hi" }];
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "m", messages, ...body }),
  });
  return { text: await response.text(), headers: response.headers, status: response.status };
}

const SIGNING = `import type { PluginModule } from "opensourcellmrouter/plugin";

export default {
  settings: { type: "object", properties: { sign: { type: "string", default: "by mine" }, key: { type: "string" } } },
  ownerOnly: ["key"],
  post_response(exchange) {
    exchange.response?.parts.push({ type: "text", text: \`, \${exchange.settings.sign}\` });
    return "modified";
  },
} satisfies PluginModule<{ sign: string; key?: string }>;
`;

describe("modules over HTTP", () => {
  test("a plugin: whole and streamed, with the settings of config and request, built-in ones before it", async (t) => {
    const toml = `${SIMULATED}
[plugins.mine]
module = "./plugins/mine.ts"
enabled = true
sign = "signed"

[plugins.max-tokens]
enabled = true
`;
    const router = await routerWith(t, toml, { "plugins/mine.ts": SIGNING });
    const whole = await ask(router.url);
    match(whole.text, /You said: hi, signed"/);
    match((await ask(router.url, { stream: true })).text, /"content":", signed"/);
    match((await ask(router.url, { plugins: [{ id: "mine", sign: "mine" }] })).text, /You said: hi, mine"/);
    const refused = await ask(router.url, { plugins: [{ id: "mine", key: "k" }] });
    equal(refused.status, 400);
    match(refused.text, /plugins\[0\]\.key: only the router's config may set this/);
    const [complete] = await router.completed();
    ok(complete?.plugins.includes("mine"), JSON.stringify(complete?.plugins));
  });

  test("a rule and classifiers; the config's view shows them like the others, without their texts", async (t) => {
    const toml = `[[providers]]\nname = "sim"\nformat = "simulated"\n
[[providers]]\nname = "other"\nformat = "simulated"\nmodels = ["other-1"]\n
[[routers]]\ntype = "by-tag"\nmodule = "./rule.ts"\ntag = "greeting"\nto = "other"\n
[[routers]]\ntype = "fallback"\n
[classifiers.greet]\nmodule = "./tags.js"\nenabled = true\nword = "hi"\n
[response_classifiers.long]\nmodule = "./long.ts"\nenabled = true\n`;
    const router = await routerWith(t, toml, {
      "rule.ts": `export default {
  settings: { type: "object", properties: { tag: { type: "string" }, to: { type: "string" } }, required: ["tag", "to"] },
  providers: ["to"],
  create: ({ tag, to }) => ({
    label: \`tag \${tag} by mine\`,
    *candidates(request, providers) {
      if (!request.tags.has(tag)) return;
      yield { provider: "nobody" };
      yield 5;
      yield { provider: providers.find(({ name, models }) => name === to && models)?.name, model: "other-1" };
      throw new Error("no more");
    },
  }),
};`,
      "tags.js": `export default {
  settings: { type: "object", properties: { word: { type: "string" } } },
  create({ word }) {
    return { classify: async (request) => (JSON.stringify(request.messages).includes(word) ? ["greeting"] : []) };
  },
};`,
      "long.ts": `export default { classify: (response) => (response.parts.length > 0 ? ["said"] : []) };`,
    });
    const { headers } = await ask(router.url);
    equal(headers.get("x-router-provider"), "other");
    equal(headers.get("x-router-request-tags"), "greeting");
    equal(headers.get("x-router-response-tags"), "said");
    match(router.log.join("\n"), /warn: rule by-tag: there is no provider nobody: passed over/);
    match(router.log.join("\n"), /warn: rule by-tag: it gave number, which is no target: passed over/);
    const messages = [{ role: "user", content: "good day" }];
    equal((await ask(router.url, { messages })).headers.get("x-router-provider"), "sim");
    const view: unknown = await (await fetch(`${router.url}/router/config`)).json();
    ok(
      typeof view === "object" &&
        view !== null &&
        "rules" in view &&
        Array.isArray(view.rules) &&
        "classifiers" in view,
    );
    deepEqual(view.rules[0], {
      rule: 0,
      label: "tag greeting by mine",
      type: "by-tag",
      settings: { module: "./rule.ts" },
    });
    deepEqual(view.classifiers, [{ name: "greet", enabled: true, settings: { module: "./tags.js", sticky: false } }]);
  });

  test("no request loads a module", async (t) => {
    const evil = `import { writeFileSync } from "node:fs";\nwriteFileSync(new URL("./loaded", import.meta.url), "");\nexport default {};`;
    const toml = `${SIMULATED}\n[plugins.mine]\nmodule = "./mine.ts"\n`;
    const router = await routerWith(t, toml, { "mine.ts": SIGNING, "evil.ts": evil });
    const [path, url] = [join(router.folder, "evil.ts"), `file://${router.folder}/evil.ts`];
    for (const module of ["./evil.ts", path, url]) {
      const named = await ask(router.url, { plugins: ["evil", "mine", "web", module].map((id) => ({ id, module })) });
      equal(named.status, 200, named.text);
      const table = { plugins: { evil: { module, enabled: true } } };
      for (const route of ["/router/config", "/router/plugins", "/router/dry-run", "/v1/chat/completions"])
        for (const method of ["POST", "PUT", "PATCH"])
          await (await fetch(router.url + route, { method, body: JSON.stringify(table) })).text();
      await (await fetch(`${router.url}/router/config?module=${encodeURIComponent(module)}`)).text();
    }
    equal(existsSync(join(router.folder, "loaded")), false);
  });
});

const COUNTING = (sign: string) => `import { appendFileSync } from "node:fs";
import { word } from "./word.ts";

export default {
  create(settings, tools) {
    let count = 0;
    tools.log("info", "made");
    return {
      post_response(exchange) {
        exchange.response.parts.push({ type: "text", text: \` ${sign} \${word} \${++count}\` });
        return "modified";
      },
      close() {
        tools.log("info", "closed ${sign}");
      },
    };
  },
};
`;

const configOf = (more = "") =>
  `[server]\nport = 0\n[[providers]]\nname = "sim"\nformat = "simulated"\n[[providers]]\nname = "slow"\nformat = "simulated"
tokens_per_s = 16\nmodels = ["slow"]\n[[routers]]\ntype = "prefix"\nmodel_prefix = "slow"\nprovider = "slow"\n[[routers]]\ntype = "fallback"\n
${more}`;
const MINE = '[plugins.mine]\nmodule = "./plugins/mine.ts"\nenabled = true\n';

const says = (router: RunningRouter, what: string) => until(() => router.logs().includes(what), `log: ${what}`);

test("modules are read again when they change: what is wrong changes nothing, what stayed goes on, what went is closed at last", async (t) => {
  const router = await startRouter(configOf());
  t.after(() => router.close());
  const config = (text: string) => {
    writeFileSync(join(router.folder, "new.toml"), text);
    renameSync(join(router.folder, "new.toml"), join(router.folder, "config.toml"));
  };
  write(router.folder, "plugins/mine.ts", COUNTING("first"));
  write(router.folder, "plugins/word.ts", 'export const word: string = "one";');
  config(configOf(MINE));
  await says(router, "config version 2:");
  match((await ask(router.url)).text, /hi first one 1"/);
  config(configOf(`${MINE}[pipeline]\nplugin_deadline_ms = 500\n`));
  await says(router, "config version 3:");
  match((await ask(router.url)).text, /hi first one 2"/, "the same instance goes on");

  write(router.folder, "plugins/word.ts", "export const word: string = ;");
  await says(router, "config.toml:19:1  plugins.mine.module: failed while loading: ");
  await says(router, "version 3 goes on");
  match(router.logs(), /at plugins\/word\.ts:1/);
  match((await ask(router.url)).text, /hi first one 3"/);

  const messages = [{ role: "user", content: "hi" }];
  const slow = await rawClient(router.url, post("/v1/chat/completions", JSON.stringify({ model: "slow", messages })));
  await until(
    async () => (await (await fetch(`${router.url}/router/status`)).text()).includes('"in_flight":1'),
    "the slow one",
  );
  write(router.folder, "plugins/word.ts", 'export const word: string = "two";');
  await says(router, "config version 4:");
  match((await ask(router.url)).text, /hi first two 1"/);
  ok(!router.logs().includes("closed"), "the old one answers still");
  match(await slow.hears("first one"), /first one 4"/);
  slow.socket.destroy();
  await says(router, "plugin mine: closed first");
  equal(router.logs().match(/plugin mine: made/g)?.length, 2);
});
