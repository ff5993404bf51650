/** Something of a request that its record does not have. */
export interface Missing {
  readonly what: "content" | "media" | "block" | "tools" | "parameters";
  /** Whose: `system`, `messages[2].content[0]`; absent: of the request as a whole. */
  readonly at?: string;
  /** For people. */
  readonly text: string;
  /** A model that is asked without it is asked something else. */
  readonly essential: boolean;
}

/** Of `[logging] content = "none"`: only the length of a text is there. */
export function notRecorded(at: string, chars: number): Missing {
  const text = `its ${chars.toLocaleString("en-US")} characters are not recorded ([logging] content = "none")`;
  return { what: "content", at, text, essential: true };
}
