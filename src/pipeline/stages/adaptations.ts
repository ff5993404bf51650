import { RouterError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { TargetFacts } from "../../core/stage-tools.ts";
import type { Adaptation, RouterTool } from "../../plugins/plugin.ts";
import { checkedRequest, copyOf } from "../../plugins/shapes.ts";

/** A request as one target gets it. */
export interface Adapted {
  request: ChatRequest;
  /** Ids of the plugins that changed it; none: it is the request itself. */
  by: readonly string[];
  /** What its model may call that the router runs. */
  tools: readonly RouterTool[];
  /** What the target gets of the client's headers; undefined: all that its API has. */
  header?: (value: string) => string;
}

/** Whose change it is, and what follows when it fails. */
export interface AdaptationOwner {
  id: string;
  /** Then the request goes on without the change, instead of being refused. */
  mayFail: boolean;
}

const NONE: readonly never[] = [];

/** The changes to a request that depend on who gets it. */
export class Adaptations {
  readonly #list: { owner: AdaptationOwner; adaptation: Adaptation }[] = [];
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  add(owner: AdaptationOwner, adaptation: Adaptation): void {
    this.#list.push({ owner, adaptation });
    this.#list.sort((one, other) => Number(one.adaptation.last ?? false) - Number(other.adaptation.last ?? false));
  }

  /** Whether there is one for such a target. */
  applyTo(facts: TargetFacts): boolean {
    return this.#list.some(({ adaptation }) => {
      try {
        return adaptation.when(facts);
      } catch {
        // It is asked again when the request is made, and told then.
        return true;
      }
    });
  }

  /** Throws `plugin_failed` where a change fails that has to be made. */
  adapt(request: ChatRequest, facts: TargetFacts): Adapted {
    let adapted = request;
    const by: string[] = [];
    const tools: RouterTool[] = [];
    const headers: ((value: string) => string)[] = [];
    for (const { owner, adaptation } of this.#list) {
      try {
        if (!adaptation.when(facts)) continue;
        adapted = checkedRequest(adaptation.change(copyOf(adapted), facts), adapted);
      } catch (error) {
        this.#failed(owner, error);
        continue;
      }
      by.push(owner.id);
      if (adaptation.tools) tools.push(...adaptation.tools);
      if (adaptation.header) headers.push((value) => adaptation.header?.(value) ?? "");
    }
    return { request: adapted, by, tools, ...(headers.length > 0 && { header: through(headers) }) };
  }

  #failed({ id, mayFail }: AdaptationOwner, error: unknown): void {
    if (error instanceof RouterError && error.code === "bad_request") throw error;
    const message = `plugin ${id} failed to change the request for its target: ${messageOf(error)}`;
    if (!mayFail) throw new RouterError("plugin_failed", message, { cause: error });
    this.#log("warn", `${message}; it goes without the change`, { plugin: id });
  }
}

function through(list: readonly ((value: string) => string)[]): (value: string) => string {
  return (value) => list.reduce((changed, change) => change(changed), value);
}

/** A request nobody changes. */
export function unadapted(request: ChatRequest): Adapted {
  return { request, by: NONE, tools: NONE };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
