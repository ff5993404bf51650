import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "smol-toml";
import { pathText } from "../problem.ts";
import { checkServerKeys } from "./server-keys.ts";

/** `path: message` of what is wrong with the keys under `[server]`. */
function wrong(server: string, env: Record<string, string> = {}): string[] {
  const { server: parsed } = parse(`[server]\n${server}`);
  return checkServerKeys(parsed, env).map(({ path, severity, message }) => `${severity} ${pathText(path)}: ${message}`);
}

const LONG = "0123456789abcdef";

test("each of several keys has to be there", () => {
  const server = `api_keys_env = ["A", "B"]\n[[server.keys]]\nname = "ci"\nkey_from = "exec:pass show ci"`;
  assert.deepEqual(wrong(server, { A: LONG }), [
    "warning server.api_keys_env[1]: the environment variable B is not set: the router will refuse to start",
    "warning server.keys[0]: exec:pass … gave no key: the router will refuse to start",
  ]);
  assert.deepEqual(wrong(server, { A: LONG, B: `${LONG}b`, "exec:pass show ci": `${LONG}c` }), []);
});

test("names are taken once, and no key has two", () => {
  assert.deepEqual(wrong(`api_key_env = "A"\n[[server.keys]]\nname = "default"\nkey_env = "B"`), [
    'error server.keys[0]: the name "default" is taken by server.api_key_env: give each key its own',
  ]);
  const server = `api_keys_env = ["A", "B"]\nadmin_key_env = "C"`;
  assert.deepEqual(wrong(server, { A: LONG, B: ` ${LONG}\n`, C: LONG }), [
    "error server.api_keys_env[1]: is the same key as that of server.api_keys_env[0]: one would be taken for the other",
    "error server.admin_key_env: is the same key as that of server.api_keys_env[0]: one would be taken for the other",
  ]);
});

test("a key says where it is, once, and is never written out", () => {
  const key = "sk-proj-0123456789abcdefghij";
  const cases = [
    [`[[server.keys]]\nname = "ci"`, "server.keys[0]: says nothing of where the key is: add key_env or key_from"],
    [
      `[[server.keys]]\nname = "ci"\nkey_env = "A"\nkey_from = "file:a"`,
      "server.keys[0].key_from: says where the key is, as key_env does: leave one of them out",
    ],
    [
      `admin_key_env = "A"\nadmin_key_from = "env:A"`,
      "server.admin_key_from: says where the key is, as admin_key_env does",
    ],
    [`api_keys_env = ["${key}"]`, "server.api_keys_env[0]: must be the NAME of an environment variable"],
    [`admin_key_from = "${key}"`, 'server.admin_key_from: must begin with "file:", "exec:" or "env:"'],
    [`admin_key_from = "env:${key}"`, "server.admin_key_from: must be the NAME of an environment variable"],
    [`admin_key_from = "exec: "`, 'server.admin_key_from: says nothing after "exec:"'],
  ];
  for (const [server = "", expected = ""] of cases) {
    const [only = "", ...more] = wrong(server, { A: LONG });
    assert.ok(only.startsWith(`error ${expected}`), only);
    assert.deepEqual(more, []);
    assert.ok(!only.includes(key));
  }
});

test("a key that can be guessed", () => {
  assert.match(
    wrong(`api_key_env = "A"`, { A: "secret" })[0] ?? "",
    /^warning server\.api_key_env: the key in A has fewer/,
  );
  assert.deepEqual(wrong(`api_key_env = "A"`, { A: LONG }), []);
});
