import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { isObject, type Json, type JsonObject, tryParseJson } from "../../src/core/json.ts";
import type { Cleanup } from "./in-process.ts";
import { addressOf } from "./upstream/upstream.ts";

/** What a search finds, in no API's words. */
export interface ScriptedResult {
  url: string;
  title: string;
  text: string;
  publishedAt?: string;
}

/** A search as it arrived. */
export interface ReceivedSearch {
  /** Path and query, as they were sent. */
  url: string;
  headers: IncomingHttpHeaders;
  /** Of the query string, or of the body. */
  query: string;
  body: JsonObject;
}

export type SearchScript =
  | readonly ScriptedResult[]
  | { status?: number; type?: string; text: string }
  /** It never answers. */
  | "silent";

/** A search API under test control: SearXNG, Brave, Tavily and Exa by how it is asked. */
export interface SearchBackendServer {
  url: string;
  searches: ReceivedSearch[];
  /** How it answers from now on; also forgets the searches so far. A function is asked with each query. */
  answer(script: SearchScript | ((query: string) => SearchScript)): void;
  last(): ReceivedSearch;
}

export async function startSearchBackend(test: Cleanup): Promise<SearchBackendServer> {
  let script: SearchScript | ((query: string) => SearchScript) = [];
  const searches: ReceivedSearch[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const search = await received(incoming);
    searches.push(search);
    const said = typeof script === "function" ? script(search.query) : script;
    if (said === "silent") return;
    if ("text" in said) {
      outgoing.writeHead(said.status ?? 200, { "content-type": said.type ?? "application/json" }).end(said.text);
      return;
    }
    outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(rendered(search, said)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const { port } = addressOf(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    searches,
    answer(next) {
      script = next;
      searches.length = 0;
    },
    last() {
      const search = searches.at(-1);
      if (!search) throw new Error("nothing was searched for");
      return search;
    },
  };
}

async function received(incoming: IncomingMessage): Promise<ReceivedSearch> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const parsed = tryParseJson(Buffer.concat(chunks).toString());
  const body = isObject(parsed) ? parsed : {};
  const url = incoming.url ?? "/";
  const query = new URL(url, "http://search").searchParams.get("q") ?? body["query"];
  return { url, headers: incoming.headers, query: String(query ?? ""), body };
}

/** As the API that is asked like this would say it. */
function rendered({ url, headers, query }: ReceivedSearch, results: readonly ScriptedResult[]): Json {
  if (url.startsWith("/web/search"))
    return {
      type: "search",
      query: { original: query },
      web: {
        type: "search",
        results: results.map(({ url, title, text, publishedAt }) => ({
          url,
          title,
          description: text,
          ...(publishedAt !== undefined && { page_age: publishedAt }),
        })),
      },
    };
  if (headers["x-api-key"] !== undefined)
    return {
      requestId: "r",
      results: results.map(({ url, title, text, publishedAt }) => ({
        id: url,
        url,
        title,
        text,
        publishedDate: publishedAt ?? null,
      })),
    };
  if (url.startsWith("/search?"))
    return {
      query,
      number_of_results: 0,
      results: results.map(({ url, title, text, publishedAt }) => ({
        url,
        title,
        content: text,
        engine: "scripted",
        publishedDate: publishedAt ?? null,
      })),
      unresponsive_engines: [],
    };
  return {
    query,
    response_time: 0.1,
    results: results.map(({ url, title, text, publishedAt }) => ({
      url,
      title,
      content: text,
      score: 0.9,
      ...(publishedAt !== undefined && { published_date: publishedAt }),
    })),
  };
}
