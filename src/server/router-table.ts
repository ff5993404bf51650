import type { Route } from "./call.ts";

export interface Match {
  route: Route;
  rest: string;
}

/** Finds routes by method and path: a map for exact paths, a short list for those that take a rest. */
export class RouterTable {
  readonly routes: readonly Route[];
  readonly #exact = new Map<string, Route>();
  readonly #prefixes: { prefix: string; route: Route }[] = [];

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    for (const route of routes) {
      if (route.path.endsWith("/*")) this.#prefixes.push({ prefix: route.path.slice(0, -1), route });
      else this.#exact.set(`${route.method} ${route.path}`, route);
    }
  }

  find(method: string, path: string): Match | undefined {
    const route = this.#exact.get(`${method} ${path}`);
    if (route) return { route, rest: "" };
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
