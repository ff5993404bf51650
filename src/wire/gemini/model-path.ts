/** Names that say themselves which collection they are of; a bare one is of `models`. */
const COLLECTED = /^(models|tunedModels)\/(.+)$/s;

/** `/models/gemini-2.5-pro:countTokens`. The name is the client's: nothing in it may become another path, nor half a character an error. */
export function modelPath(model: string, method: string): string {
  const [, collection = "models", name = model] = COLLECTED.exec(model) ?? [];
  return `/${collection}/${encodeURIComponent(name.toWellFormed())}:${method}`;
}
