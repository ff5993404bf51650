import type { JsonObject } from "../../core/json.ts";
import type { ModelInfo } from "../../core/model.ts";

/** `GET /v1beta/models` as Google answers it: all on one page. */
export function writeModelList(models: readonly ModelInfo[]): JsonObject {
  return { models: models.map(writeModel) };
}

export function writeModel(model: ModelInfo): JsonObject {
  return {
    name: model.id.startsWith("tunedModels/") ? model.id : `models/${model.id}`,
    baseModelId: model.id,
    version: "001",
    displayName: model.displayName ?? model.id,
    ...(model.contextLength !== undefined && { inputTokenLimit: model.contextLength }),
    supportedGenerationMethods: methodsOf(model),
    ...(model.capabilities?.has("thinking") && { thinking: true }),
  };
}

function methodsOf({ capabilities }: ModelInfo): string[] {
  const embeds = capabilities?.has("embedding") === true;
  const chats = !embeds || capabilities?.has("completion") === true;
  return [
    ...(chats ? ["generateContent", "countTokens", "streamGenerateContent"] : []),
    ...(embeds ? ["embedContent", "batchEmbedContents"] : []),
  ];
}
