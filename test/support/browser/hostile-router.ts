import type { RunningRouter } from "../router.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { indexed } from "./dashboard.ts";

// A router that has each of many texts in every field that it stores, and what is looked for in the page that shows them.

const toml = JSON.stringify;

/** Each text is a provider's name, part of a rule's, and a tag; `word7x` in a prompt gives the eighth. */
export function hostileConfig(texts: readonly string[], upstream: string): string {
  const provider = (text: string) =>
    `[[providers]]\nname = ${toml(text)}\nformat = "anthropic"\nbase_url = "${upstream}"\n`;
  const rule = (text: string, at: number) =>
    `[[routers]]\ntype = "prefix"\nmodel_prefix = "m${at}-"\nprovider = ${toml(text)}\n`;
  const tags = texts.map((text, at) => `${toml(text)} = ["word${at}x"]`);
  return [
    '[server]\nport = 0\ndashboard = true\n[logging]\nenabled = true\npath = "log.jsonl"',
    "[failover]\nmax_attempts = 1\n[breaker]\nenabled = false",
    `[classifiers.keyword]\nenabled = true\n[classifiers.keyword.tags]\n${tags.join("\n")}`,
    ...texts.map(provider),
    ...texts.map(rule),
    '[[routers]]\ntype = "fallback"',
  ].join("\n");
}

/** Asks twice with each text, once for an answer and once for an error that say it too. The exchanges, once they are stored. */
export async function sayAll(router: RunningRouter, upstream: Upstream, texts: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [at, text] of texts.entries()) {
    const toolCalls = [{ id: text, name: at % 2 === 0 ? "t" : text, args: toml({ [text]: text }) }];
    upstream.answer({ text, thinking: { text, state: text }, toolCalls });
    ids.push(await ask(router, at, text));
    upstream.answer({ error: { status: 400, message: text, type: text } });
    ids.push(await ask(router, at, text));
  }
  await indexed(router, ids.length);
  return ids;
}

async function ask({ url }: RunningRouter, at: number, text: string): Promise<string> {
  // A header holds Latin-1, and no line of it is endless.
  const header = Buffer.from(text)
    .toString("latin1")
    .replace(/[^ -~]/g, "?")
    .trim()
    .slice(0, 200);
  const call = (name: string) => ({ id: text, type: "function", function: { name, arguments: toml({ text }) } });
  const tool = (name: string) => ({
    type: "function",
    function: { name, description: text, parameters: { type: "object" } },
  });
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": header, "x-session-id": header, "x-other": header },
    body: JSON.stringify({
      model: `m${at}-${text}`,
      user: text,
      messages: [
        { role: "system", content: text },
        { role: "user", content: `word${at}x ${text}`, name: text },
        { role: "assistant", tool_calls: [call(text)] },
        { role: "tool", tool_call_id: text, content: text },
      ],
      tools: [tool("t"), tool(text)],
      metadata: { [text]: text },
    }),
  });
  await answer.text();
  return answer.headers.get("x-router-id") ?? "";
}

/** What a text was made into that should have stayed a text: run in the page. */
export const MADE = `(() => {
  const made = [];
  for (const element of document.querySelectorAll("*")) {
    const { localName: name } = element;
    if (/^(img|image|iframe|frame|object|embed|base|video|audio|source|marquee|math|style|template|animate|set)$/.test(name)) made.push(name);
    if (name === "script" && !(element.getAttribute("src") ?? "").startsWith("/dashboard/assets/")) made.push("script");
    for (const { name: attribute, value } of element.attributes) {
      if (/^(on|data-xss|srcdoc|formaction)/.test(attribute)) made.push(name + " " + attribute);
      if (/^(href|src|action|xlink:href|data)$/.test(attribute) && !/^(#|\\/(?!\\/)|https?:)/.test(value)) made.push(name + " " + attribute + "=" + value);
    }
  }
  if (globalThis.xss !== undefined) made.push("a script ran");
  return [...new Set(made)];
})()`;
