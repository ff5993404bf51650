import type { RouterErrorCode } from "../../core/errors.ts";
import type { FailureKind } from "../../core/failure.ts";
import type { JsonObject } from "../../core/json.ts";
import type { WireError } from "../format.ts";

/** Google's canonical names of the statuses the router answers with. */
const STATUSES: ReadonlyMap<number, string> = new Map([
  [400, "INVALID_ARGUMENT"],
  [401, "UNAUTHENTICATED"],
  [402, "RESOURCE_EXHAUSTED"],
  [403, "PERMISSION_DENIED"],
  [404, "NOT_FOUND"],
  [405, "UNIMPLEMENTED"],
  [409, "ABORTED"],
  [413, "INVALID_ARGUMENT"],
  [426, "FAILED_PRECONDITION"],
  [429, "RESOURCE_EXHAUSTED"],
  [499, "CANCELLED"],
  [501, "UNIMPLEMENTED"],
  [503, "UNAVAILABLE"],
  [504, "DEADLINE_EXCEEDED"],
]);

/**
 * An error in Google's shape. The SDK raises an error inside a stream only where `code` is a number from 400 to 599, and
 * Gemini CLI reads how long to wait from `RetryInfo`.
 */
export function writeError(error: WireError): JsonObject {
  const details = [...reason(error), ...violation(error), ...retry(error)];
  return {
    error: {
      code: error.status,
      message: error.message,
      status: STATUSES.get(error.status) ?? (error.status < 500 ? "INVALID_ARGUMENT" : "INTERNAL"),
      ...(details.length > 0 && { details }),
    },
  };
}

/** The code in a form programs match on: the router's own, or what the provider called it. */
function reason({ own, code, upstreamCode }: WireError): JsonObject[] {
  const name: RouterErrorCode | FailureKind = code;
  return [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: name.toUpperCase().replaceAll("-", "_"),
      domain: own ? "opensourcellmrouter" : "provider",
      ...(upstreamCode !== undefined && { metadata: { code: upstreamCode } }),
    },
  ];
}

function violation({ param, message }: WireError): JsonObject[] {
  if (param === undefined) return [];
  const fieldViolations = [{ field: param, description: message }];
  return [{ "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations }];
}

function retry({ retryAfter }: WireError): JsonObject[] {
  if (retryAfter === undefined) return [];
  return [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${Math.ceil(retryAfter)}s` }];
}
