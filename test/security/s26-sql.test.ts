import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { exchangeQuerySchema } from "../../src/api/exchanges.ts";
import { statsQuerySchema } from "../../src/api/stats.ts";
import { until } from "../support/until.ts";
import { type Attack, attacks, type Field } from "./attacks.ts";
import { CHATS, ONE_PROVIDER, post } from "./hostile-bodies.ts";
import { loneAttacks } from "./program.ts";

// A question that becomes a statement: LiteLLM's database took orders from a bearer token (CVE-2026-42208), new-api's was kept busy by
// `%_%_…` (CVE-2026-25591). Here values are bound, names are hashed and searched words quoted; what answers cannot write. That no
// statement is put together from values: src/store/statements.test.ts.

const CONFIG = `[server]\nport = 0\n[logging]\nenabled = true\n${ONE_PROVIDER}`;
const [CHAT] = CHATS;

/** The index is kept by a thread, which is to be weakened likewise. */
const IN_THE_THREAD = { file: "store/worker-store.ts", from: "execArgv: [", to: "execArgv: [...process.execArgv, " };
const inList = (from: string, to: string) => ({ file: "store/index/list.ts", from, to });
const BY_ID = 'this.#byId = db.prepare("SELECT * FROM exchange WHERE id_key = ? AND id = ?");';
const put = (call: string) => `this.#byId = { get: (_, id) => ${call} };`;
/** What is searched for goes to SQLite's search as it stands. */
const UNQUOTED = [
  IN_THE_THREAD,
  inList(`return \`"\${word.replaceAll('"', '""')}"\`;`, "return word;"),
  inList('wordsOf(query.q ?? "")', '(query.q ?? "").split(" ").filter(Boolean)'),
  {
    file: "store/index/words.ts",
    from: "const key = kind + value;",
    to: "if (kind) return value;\n  const key = value;",
  },
];

async function look(field: Field, target: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(field.router.url + target);
  return { status: answer.status, text: await answer.text() };
}

async function recorded(field: Field): Promise<void> {
  if (await has(field)) return;
  await post(field, CHAT);
  await until(() => has(field), "the exchange to be in the index");
}

async function has({ router }: Field): Promise<boolean> {
  const answer = await fetch(`${router.url}/router/exchanges`);
  return answer.ok && (await answer.text()).includes('"preview":"hi"');
}

const HOSTILE = [
  "'",
  '"',
  "' OR '1'='1",
  "'; DELETE FROM exchange; --",
  '" OR "hi',
  "zz OR hi",
  "zz* NOT zz",
  "NEAR(zz hi, 5)",
  "words: zz",
  "^zz + zz",
  "(zz",
  "zz\u0000hi",
  `zz${"%_".repeat(5_000)}`,
  `zz ${"hi ".repeat(3_000)}`,
  "zz\u{10ffff}",
  "ﷺzz",
  "zz\\",
  "1e999",
  "-1",
  "NaN",
];

/** Half of a pair of UTF-16, and a byte that is none of UTF-8's. */
const NO_CHARACTERS = "%ed%a0%80%ff";

/** What is no error of the caller's, or shows a row that was not asked for. */
async function leaks(field: Field, target: string): Promise<string[]> {
  const { status, text } = await look(field, target);
  if (status >= 500 || status < 200) return [`${target.slice(0, 80)}: ${status} ${text}`];
  return text.includes('"preview":"hi"') ? [`${target.slice(0, 80)}: another's row`] : [];
}

/** Of time and place in the list: whoever writes a number there may see the row. */
const OF_THE_RANGE = new Set(["limit", "before", "since_ms", "until_ms"]);

async function everyParameter(field: Field): Promise<string | undefined> {
  await recorded(field);
  const found: string[] = [];
  for (const value of HOSTILE) {
    const text = encodeURIComponent(value) + NO_CHARACTERS;
    const lists = Object.keys(exchangeQuerySchema.shape).filter(
      (name) => !OF_THE_RANGE.has(name) || Number.isNaN(Number(value)),
    );
    // Without a word in it, it is no search.
    for (const name of lists)
      if (name !== "q" || /\w/.test(value)) found.push(...(await leaks(field, `/router/exchanges?${name}=${text}`)));
    for (const name of Object.keys(statsQuerySchema.shape))
      found.push(...(await leaks(field, `/router/stats?${name}=${text}`)));
    found.push(...(await leaks(field, `/router/exchanges/${text}`)));
  }
  return found.join("\n") || undefined;
}

const list: Attack[] = [
  {
    name: "SQL, operators of the search, quotes, NUL and 10 KB in every parameter",
    guard: UNQUOTED,
    run: everyParameter,
  },
  {
    name: "another's exchange by an id with SQL in it",
    guard: [IN_THE_THREAD, inList(BY_ID, put('db.prepare("SELECT * FROM exchange WHERE id = \'" + id + "\'").get()'))],
    run: async (field) => {
      await recorded(field);
      return (await leaks(field, `/router/exchanges/${encodeURIComponent("' OR '1'='1")}`))[0];
    },
  },
  {
    name: "all exchanges deleted through a hole in a search",
    guard: [
      IN_THE_THREAD,
      inList(BY_ID, put('db.exec("SELECT \'" + id + "\'")')),
      { file: "store/index/open-index.ts", from: "readOnly: true", to: "readOnly: false" },
    ],
    run: async (field) => {
      await recorded(field);
      await look(field, `/router/exchanges/${encodeURIComponent("'; DELETE FROM exchange; --")}`);
      return (await has(field)) ? undefined : "they are gone";
    },
  },
];
attacks("S26: SQL in what is asked", { config: CONFIG }, list);

const WEAKEN = new URL("./weaken.ts", import.meta.url).href;
const MAX_MS = 200;

loneAttacks("S26: searches that keep the store busy", [
  {
    name: "beginnings that 200,000 words have, and patterns of 10 KB",
    guard: [
      inList("MAX_COMPLETIONS = 24", "MAX_COMPLETIONS = 12_000"),
      inList("MAX_WORDS_LOOKED_AT = 2_000", "MAX_WORDS_LOOKED_AT = 12_000"),
    ],
    run: async (weakenings) => {
      const searches = ["w", "all w", "all all all w", "zz w", "%_".repeat(5_000), "w% ".repeat(3_000)];
      const imports = weakenings.length > 0 ? ["--import", WEAKEN] : [];
      const args = [
        ...imports,
        join(import.meta.dirname, "large-index.ts"),
        ...(weakenings.length > 0 ? ["w"] : searches),
      ];
      const env = { ...process.env, WEAKEN: JSON.stringify(weakenings) };
      const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
      let said = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      await once(child, "close");
      return Number(said) > 0 && Number(said) < MAX_MS ? undefined : `${said} ms`;
    },
  },
]);
