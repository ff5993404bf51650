import type { Block, Call, Said } from "./format.ts";

/** The blocks of an answer after one more thing was said; those that did not change are the same objects. */
export function blocksAfter(blocks: readonly Block[], said: Said): readonly Block[] {
  const last = blocks.at(-1);
  switch (said.type) {
    case "text":
      if (last?.type === "text") return [...blocks.slice(0, -1), { ...last, text: last.text + said.text }];
      return [...blocks, { type: "text", text: said.text }];
    case "reasoning":
      if (last?.type === "reasoning" && last.state === undefined) {
        return [...blocks.slice(0, -1), { ...last, text: last.text + said.text }];
      }
      return [...blocks, { type: "reasoning", text: said.text }];
    case "reasoning-state":
      if (last?.type !== "reasoning") return [...blocks, { type: "reasoning", text: "", state: said.state }];
      return [...blocks.slice(0, -1), { ...last, state: (last.state ?? "") + said.state }];
    case "call": {
      const { key, id, name, state } = said;
      return [...blocks, { type: "call", key, id, name, arguments: "", ...(state !== undefined && { state }) }];
    }
    case "arguments": {
      const index = blocks.findLastIndex((block) => block.type === "call" && block.key === said.key);
      return blocks.map((block, place) =>
        place === index && block.type === "call" ? { ...block, arguments: block.arguments + said.text } : block,
      );
    }
    default:
      return blocks;
  }
}

export function callsIn(blocks: readonly Block[]): Call[] {
  return blocks.filter((block) => block.type === "call");
}
