import type { Route } from "./call.ts";

export interface Match {
  readonly route: Route;
  readonly rest: string;
}

/** Finds routes by method and path: a map for exact paths, a short list for those that take a rest. */
export class RouterTable {
  readonly routes: readonly Route[];
  /** By path, then by method. */
  readonly #exact = new Map<string, Map<string, Match>>();
  readonly #prefixes: { prefix: string; route: Route }[] = [];

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    for (const route of routes) {
      if (route.path.endsWith("/*")) this.#prefixes.push({ prefix: route.path.slice(0, -1), route });
      else this.#methodsAt(route.path).set(route.method, { route, rest: "" });
    }
  }

  #methodsAt(path: string): Map<string, Match> {
    const methods = this.#exact.get(path) ?? new Map<string, Match>();
    this.#exact.set(path, methods);
    return methods;
  }

  find(method: string, path: string): Match | undefined {
    const exact = this.#exact.get(path)?.get(method);
    if (exact) return exact;
    for (const { prefix, route: candidate } of this.#prefixes) {
      if (candidate.method === method && path.startsWith(prefix) && path.length > prefix.length) {
        return { route: candidate, rest: path.slice(prefix.length) };
      }
    }
    return undefined;
  }

  /** The methods a path takes, for `allow`. */
  methodsOf(path: string): string[] {
    return ["GET", "HEAD", "POST", "DELETE"].filter((method) => this.find(method, path) !== undefined);
  }
}
