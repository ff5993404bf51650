import type { Json } from "../../core/json.ts";
import type { HttpAnswer, HttpTool } from "../../core/stage-tools.ts";
import type { Found, SearchBackend, SearchQuery } from "./backends/backend.ts";
import { BACKENDS, type BackendName } from "./backends/index.ts";
import { cutText, plainText } from "./results/plain-text.ts";
import type { WebSettings } from "./settings.ts";

/** A search that came to nothing: what happened, and what to do. Holds neither the key nor what was searched for. */
export class SearchError extends Error {
  override readonly name = "SearchError";
}

/** Bytes of a backend's answer: twenty results with their texts are a tenth of it. */
const MAX_BYTES = 1024 * 1024;
const MAX_URL = 2_048;

/** The owner's search API. */
export class Searcher {
  readonly backend: BackendName;
  readonly #api: SearchBackend;
  readonly #baseUrl: string;
  readonly #key: string | undefined;
  readonly #keyVariable: string | undefined;

  constructor(
    backend: BackendName,
    { base_url, api_key_env }: WebSettings,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    this.backend = backend;
    this.#api = BACKENDS[backend];
    this.#baseUrl = (base_url ?? this.#api.baseUrl ?? "").replace(/\/+$/, "");
    this.#keyVariable = api_key_env ?? this.#api.keyVariable;
    this.#key = this.#keyVariable === undefined ? undefined : env[this.#keyVariable]?.trim() || undefined;
  }

  /** The variable with the key it wants and does not have. */
  get missingKey(): string | undefined {
    return this.#key === undefined ? this.#keyVariable : undefined;
  }

  /** What was found, best first; none is no error. Rejects with a `SearchError`. */
  async search(query: SearchQuery, http: HttpTool, timeoutMs: number): Promise<Found[]> {
    if (this.missingKey !== undefined) throw this.#error(`the environment variable ${this.missingKey} is not set`);
    const asked = this.#api.request(query, { baseUrl: this.#baseUrl, key: this.#key });
    let answer: HttpAnswer;
    try {
      answer = await http.fetch({ ...asked, timeoutMs, maxBytes: MAX_BYTES, reach: "configured" });
    } catch (error) {
      throw this.#error(withoutQuery(error instanceof Error ? error.message : String(error)), error);
    }
    const found = this.#api.read(this.#json(answer));
    if (!found) throw this.#error("it answered JSON that is no answer of its API: is base_url right?");
    return usable(found, query);
  }

  #json(answer: HttpAnswer): Json {
    const { status } = answer;
    if (status < 200 || status > 299) throw this.#error(`it answered ${status}: ${this.#adviceOn(status)}`);
    try {
      return answer.json();
    } catch (error) {
      const type = String(answer.headers["content-type"] ?? "of no type").slice(0, 60);
      throw this.#error(`it answered no JSON but ${type}: is base_url right?`, error);
    }
  }

  #adviceOn(status: number): string {
    const own = this.#api.advice?.(status);
    if (own !== undefined) return own;
    if (status === 401 || status === 403) {
      const variable = this.#keyVariable;
      return variable === undefined
        ? "it wants a key: name its variable with api_key_env"
        : `it refuses the key in ${variable}`;
    }
    if (status === 429) return "too many searches for its plan: wait, or ask less often";
    if (status < 400) return "it sends elsewhere: set base_url to where it is";
    return status < 500 ? "it does not take the search: is base_url right?" : "it has a fault of its own";
  }

  #error(what: string, cause?: unknown): SearchError {
    const where = URL.parse(this.#baseUrl)?.origin ?? "";
    return new SearchError(`web search by ${this.backend} (${where}) failed: ${what}`, { cause });
  }
}

/** What an address asks for is the user's, and no business of a log. */
function withoutQuery(message: string): string {
  return message.replaceAll(/\?[^\s"']*/g, "");
}

/** Web pages with a name and a text, each once, of the domains that are wanted. */
function usable(found: readonly Found[], query: SearchQuery): Found[] {
  const byUrl = new Map<string, Found>();
  for (const { url, title, text, publishedAt } of found) {
    const at = webAddress(url);
    if (at === undefined || byUrl.has(at.href) || !isWanted(at.hostname, query)) continue;
    const name = cutText(plainText(title).replaceAll("\n", " "), 200) || at.hostname;
    const date = publishedAt === undefined ? "" : plainText(publishedAt).replaceAll("\n", " ").slice(0, 40);
    byUrl.set(at.href, {
      url: at.href,
      title: name,
      text: cutText(plainText(text), query.maxCharacters),
      ...(date !== "" && { publishedAt: date }),
    });
    if (byUrl.size === query.maxResults) break;
  }
  return [...byUrl.values()];
}

function webAddress(url: string): URL | undefined {
  const at = url.length <= MAX_URL ? URL.parse(url) : null;
  return at && /^https?:$/.test(at.protocol) && at.username === "" && at.password === "" ? at : undefined;
}

function isWanted(host: string, { includeDomains, excludeDomains }: SearchQuery): boolean {
  const isOf = (domain: string) => isIn(host, domain);
  return (includeDomains.length === 0 || includeDomains.some(isOf)) && !excludeDomains.some(isOf);
}

/** Whether a host is of a domain. `domain` as clients write it: perhaps with a path behind it, or `*.` before it. */
export function isIn(host: string, domain: string): boolean {
  const name =
    domain
      .toLowerCase()
      .replace(/^(?:https?:\/\/)?(?:\*\.)?/, "")
      .split("/")[0] ?? "";
  return name !== "" && (host === name || host.endsWith(`.${name}`));
}
