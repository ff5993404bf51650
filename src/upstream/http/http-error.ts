/** The connection is closed, or is of no more use, though an answer was still to come. */
export class ConnectionError extends Error {
  readonly code = "ERR_CONNECTION_CLOSED";
}

/** What came is no answer as HTTP/1.1 has it (RFC 9112). */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";
}

/** What is to be sent cannot be said in HTTP. */
export class InvalidRequest extends Error {
  readonly code = "ERR_INVALID_REQUEST";
}
