import { FILTER_NAMES } from "../../../src/remote/filter.ts";
import { COMMANDS } from "../chat/command.ts";
import { type Line, span } from "../terminal/line.ts";

const KEYS: readonly (readonly [section: string, keys: readonly (readonly [string, string])[]])[] = [
  [
    "Requests",
    [
      ["↑ ↓  j k", "choose a request; above the newest one: follow"],
      ["PgUp PgDn", "a page at a time (also Ctrl-B, Ctrl-F)"],
      ["g  G", "newest, oldest"],
      ["Enter", "all about the chosen one"],
      ["/", "filter, as you type; Esc takes it off"],
      ["Space", "pause the list; what comes is counted"],
    ],
  ],
  [
    "Anywhere",
    [
      ["Tab  i", "chat"],
      ["Esc", "back"],
      ["p", "providers"],
      ["?", "these keys"],
      ["Ctrl-L", "draw anew"],
      ["Ctrl-Z", "suspend; fg comes back"],
      ["q  Ctrl-C", "quit (q: not while you write)"],
    ],
  ],
  [
    "A request, providers, help",
    [
      ["↑ ↓  j k", "scroll (PgUp, PgDn, g, G too)"],
      ["← →  h l", "the request after, before this one"],
    ],
  ],
  [
    "Chat",
    [
      ["Enter", "send"],
      ["Alt-Enter  Ctrl-J", "a new line; what is pasted keeps its lines"],
      ["↑ ↓", "what was sent before"],
      ["PgUp PgDn", "scroll"],
      ["Esc", "stop the answer; else leave the chat"],
    ],
  ],
];

/** Keys, commands of the chat, and what can be filtered by. */
export function helpLines(): Line[] {
  const key = (keys: string, does: string): Line => [span(`  ${keys.padEnd(20)}`, { colour: "cyan" }), span(does)];
  const title = (text: string): Line => [span(text, { bold: true })];
  return [
    ...KEYS.flatMap(([section, keys]) => [title(section), ...keys.map(([press, does]) => key(press, does)), []]),
    title("Commands of the chat"),
    ...COMMANDS.map(([name, operands, does]) => key(`:${name} ${operands}`.trimEnd(), does)),
    [],
    title("Filter"),
    key("words", "in prompt, models, provider, tags, session, client, error"),
    ...FILTER_NAMES.map((field) => key(`${field}:…`, FIELD_WORDS[field])),
    [],
    [span("Statistics count from when this was opened. Numbers are of the router's own events.", { dim: true })],
  ];
}

/** What `:help` says. */
export function helpText(): string {
  const rows = COMMANDS.map(([name, operands, does]) => `${`:${name} ${operands}`.trimEnd().padEnd(20)} ${does}`);
  return [...rows, "Esc stops an answer, or leaves the chat; ? shows all keys then"].join("\n");
}

const FIELD_WORDS: Record<(typeof FILTER_NAMES)[number], string> = {
  provider: "it was sent to, also those that failed",
  model: "asked for or sent",
  tag: "of request or answer",
  outcome: "ok, error, running, failover, or what went wrong",
  status: "the same, or an HTTP status",
  agent: "the program that asks",
  key: "the name of the router's key it presents",
  client: "the API it speaks",
  session: "what the client calls the conversation",
  rule: "that decided",
  plugin: "that acted",
};
