/** What is known of one model of one provider. Absent = nobody said. */
export interface ModelInfo {
  /** The name the provider takes. */
  id: string;
  /** `completion`, `tools`, `vision`, `thinking`, `embedding`, `insert`, `coding`; absent when nobody knows. */
  capabilities?: ReadonlySet<string>;
  /** What the model takes as its degree of thinking, in its provider's words; absent: nobody said. */
  thinking?: { values: readonly (string | boolean)[]; standard?: string | boolean };
  /** Tokens of the context window. */
  contextLength?: number;
  displayName?: string;
  ownedBy?: string;
  /** ms since 1970. */
  createdMs?: number;
  /** Ollama's `details` and sizes, kept for its own clients. */
  family?: string;
  parameterSize?: string;
  quantization?: string;
  sizeBytes?: number;
  digest?: string;
}
