import type { AnswerContext, PassedBytes, ResumedWriter, StreamWriter } from "../../format.ts";
import { toldBefore } from "../../resumed.ts";

/** A writer of chunks that name the same time as those before them: all of one answer do. */
export function resumeWith(write: (context: AnswerContext) => StreamWriter) {
  return (context: AnswerContext, { first }: PassedBytes): ResumedWriter => {
    const created = /"created":\s*(\d+)/.exec(first)?.[1];
    const same = created === undefined ? context : createdAt(context, Number(created) * 1000);
    return (soFar) => toldBefore(write(same), soFar);
  };
}

function createdAt(context: AnswerContext, createdMs: number): AnswerContext {
  return {
    request: context.request,
    get body() {
      return context.body;
    },
    id: context.id,
    createdMs,
    elapsedMs: () => context.elapsedMs(),
    get estimatedInput() {
      return context.estimatedInput;
    },
    lost: (field, treatment) => context.lost(field, treatment),
  };
}
