import type { ChatRequest } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";
import type { ClientFacts, HttpTool, ModelTool } from "../core/stage-tools.ts";

/** What a classifier may know besides the request. */
export interface ClassifyContext {
  readonly client: ClientFacts;
  readonly http: HttpTool;
  readonly models: ModelTool;
  /** Aborted when the client leaves, and when the deadline of the classifiers is over. */
  readonly signal: AbortSignal;
}

/**
 * Tags a request before it is routed. All classifiers run side by side, within one deadline. One that throws, rejects or is
 * late is logged, and gives no tags for this request. The request is everybody's: it must not be changed.
 */
export interface Classifier {
  readonly id: string;
  /** It asks somebody else, which takes time or costs money: dry runs go without it. */
  readonly asks?: boolean;
  classify(request: ChatRequest, context: ClassifyContext): Iterable<string> | Promise<Iterable<string>>;
  /** The config it belongs to is over. */
  close?(): void | Promise<void>;
}

/** Tags an answer, on the gathered copy after its end. Has to answer at once: the last bytes wait for its tags. */
export interface ResponseClassifier {
  readonly id: string;
  classify(response: ChatResponse, context: ResponseContext): Iterable<string>;
  close?(): void | Promise<void>;
}

export interface ResponseContext {
  /** What was asked. Read anew from its bytes where it was let go: look only when needed. */
  readonly request: ChatRequest;
}
