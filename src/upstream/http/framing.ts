import type { Headers } from "../../wire/format.ts";
import type { AnswerHead } from "./answer-head.ts";

/** Unused connections are closed after this. */
export const KEEP_ALIVE_MS = 30_000;
/** However long the provider would keep one. */
const MAX_KEEP_ALIVE_MS = 600_000;
/** So much earlier than the provider closes it: what is sent meanwhile would be lost. */
const MARGIN_MS = 2_000;

const LENGTH = /^\d{1,15}$/;
const CLOSE = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i;
const KEEP_ALIVE = /(?:^|,)[\t ]*keep-alive[\t ]*(?:,|$)/i;
const TIMEOUT = /(?:^|[,; \t])timeout=(\d{1,9})(?:[,; \t]|$)/i;

/** Where the body of an answer ends (RFC 9112, 6), and for how long its connection may be kept then: 0 is not at all. */
export interface Framing {
  readonly body: "none" | "counted" | "chunked" | "until-close";
  readonly length: number;
  readonly keepMs: number;
}

/** What is said of the end in two ways is no answer: a string says so. */
export function framingOf({ status, isOld, headers }: AnswerHead, isHeadRequest: boolean): Framing | string {
  const coding = headers["transfer-encoding"];
  const length = headers["content-length"];
  if (coding !== undefined && (typeof coding !== "string" || coding.toLowerCase() !== "chunked"))
    return "its transfer-encoding is none that was asked for";
  if (length !== undefined && (typeof length !== "string" || !LENGTH.test(length))) return "its content-length is none";
  if (coding !== undefined && length !== undefined) return "it has both a content-length and a transfer-encoding";
  const keepMs = keepMsOf(headers, isOld);
  const bytes = Number(length ?? 0);
  if (isHeadRequest) return { body: "none", length: 0, keepMs };
  // A body may follow all the same.
  if (status === 204 || status === 304) {
    const isClean = coding === undefined && bytes === 0;
    return { body: "none", length: 0, keepMs: isClean ? keepMs : 0 };
  }
  if (coding !== undefined) return { body: "chunked", length: 0, keepMs: isOld ? 0 : keepMs };
  if (length !== undefined) return { body: bytes === 0 ? "none" : "counted", length: bytes, keepMs };
  return { body: "until-close", length: 0, keepMs: 0 };
}

function keepMsOf(headers: Headers, isOld: boolean): number {
  const connection = headers["connection"];
  if (connection !== undefined || isOld) {
    const options = String(connection ?? "");
    if (CLOSE.test(options) || (isOld && !KEEP_ALIVE.test(options))) return 0;
  }
  const hint = headers["keep-alive"];
  const seconds = hint === undefined ? undefined : TIMEOUT.exec(String(hint))?.[1];
  if (seconds === undefined) return KEEP_ALIVE_MS;
  return Math.min(Math.max(Number(seconds) * 1_000 - MARGIN_MS, 0), MAX_KEEP_ALIVE_MS);
}
