import { deepEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isObject, type Json, tryParseJson } from "../src/core/json.ts";
import { exchange } from "./support/exchange.ts";
import { inProcess } from "./support/in-process.ts";
import { rawClient } from "./support/raw-client.ts";

const page = readFileSync(join(import.meta.dirname, "../docs/api.md"), "utf8");

const CONFIG = `[server]
dashboard = true

[metrics]
enabled = true

[[providers]]
name = "simulated"
format = "simulated"

[[routers]]
type = "fallback"`;

/** No answer is called `simulated`, and the simulated provider cannot compact. */
const OTHER_STATUS: Record<string, number> = { "/v1/responses/simulated": 404, "/v1/responses/compact": 501 };

interface Command {
  text: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** Commands of the page that stand together, and the answer that is shown behind them. */
interface Block {
  commands: Command[];
  shown: Json | undefined;
}

function blocksOfThePage(): Block[] {
  return [...page.matchAll(/```sh\n([\s\S]*?)```\n(?:\n```json\n([\s\S]*?)```\n)?/g)].map(([, block = "", json]) => ({
    commands: block
      .replaceAll("\\\n", " ")
      .split("\n")
      .filter((line) => line.startsWith("curl "))
      .map(commandOf),
    shown: json === undefined ? undefined : shownIn(json),
  }));
}

/** What is left out of an example stands as `…`. */
function shownIn(text: string): Json {
  const value = tryParseJson(text.replaceAll(/,\s*…/g, "").replaceAll("…", ""));
  ok(value !== undefined, `an example is no JSON: ${text}`);
  return value;
}

function commandOf(text: string): Command {
  const quoted = [...text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)];
  const words = quoted.map(([, single, double, bare]) => single ?? double ?? bare ?? "");
  const headers: Record<string, string> = {};
  let path = "";
  let method: string | undefined;
  let body: string | undefined;
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "-H") {
      const [name = "", value = ""] = (words[++at] ?? "").split(": ");
      headers[name] = value;
    } else if (word === "-d") body = words[++at];
    else if (word === "-X") method = words[++at];
    else if (word === "-D") at++;
    else if (word !== "-N" && word !== "-i") path = word.replace("$B", "");
  }
  return { text, method: method ?? (body === undefined ? "GET" : "POST"), path, headers, body };
}

/** Where the example shows something that the answer has not, or has otherwise. */
function lacking(shown: Json | undefined, answer: Json | undefined, path = "answer"): string | undefined {
  if (answer === undefined) return path;
  if (shown === null || answer === null) return undefined;
  if (Array.isArray(shown) && Array.isArray(answer)) {
    return shown.length === 0 || answer.length === 0 ? undefined : lacking(shown[0], answer[0], `${path}[0]`);
  }
  if (!isObject(shown) || !isObject(answer)) {
    const isSame = typeof shown === typeof answer && Array.isArray(shown) === Array.isArray(answer);
    return isSame ? undefined : path;
  }
  // By names of models, tags and the like: this router has none.
  if (Object.keys(answer).length === 0) return undefined;
  for (const [key, inner] of Object.entries(shown)) {
    const found = lacking(inner, answer[key], `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A feed has no end: the first frame is enough. */
async function firstOfFeed(url: string, { path }: Command): Promise<number> {
  const client = await rawClient(url, `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  const heard = await client.hears(/\nid: \S+/);
  client.socket.destroy();
  return Number(/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1]);
}

test("docs/api.md: every command is answered, and as it is shown", async (t) => {
  const router = await inProcess(t, CONFIG, { recording: true });
  const first = await exchange(`${router.url}/v1/responses`, { body: '{"model":"any","input":"hello"}' });
  const ids = { response: JSON.parse(first.body.toString()).id, exchange: String(first.headers["x-router-id"]) };
  const wrong: string[] = [];
  for (const { commands, shown } of blocksOfThePage()) {
    const differences: string[] = [];
    for (const command of commands) {
      const { method, headers, body } = command;
      const id = command.path.startsWith("/router/") ? ids.exchange : ids.response;
      const path = command.path.replace("$ID", id).replace("$SINCE", String(Date.now() - 60_000));
      if (path.startsWith("/dashboard/events")) {
        if ((await firstOfFeed(router.url, { ...command, path })) !== 200) wrong.push(command.text);
        continue;
      }
      const answer = await exchange(router.url + path, { method, headers, ...(body !== undefined && { body }) });
      if (answer.status !== (OTHER_STATUS[path] ?? 200))
        wrong.push(`${command.text}: ${answer.status} ${answer.body.toString().slice(0, 200)}`);
      if (shown !== undefined) differences.push(lacking(shown, tryParseJson(answer.body.toString())) ?? "");
    }
    if (shown !== undefined && !differences.includes(""))
      wrong.push(`${commands.map(({ text }) => text).join("; ")}: ${differences.join(", ")}`);
  }
  deepEqual(wrong, []);
});
