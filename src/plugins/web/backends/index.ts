import type { SearchBackend } from "./backend.ts";
import { brave } from "./brave.ts";
import { exa } from "./exa.ts";
import { searxng } from "./searxng.ts";
import { tavily } from "./tavily.ts";

export const BACKEND_NAMES = ["searxng", "brave", "tavily", "exa"] as const;
export type BackendName = (typeof BACKEND_NAMES)[number];

export const BACKENDS: Readonly<Record<BackendName, SearchBackend>> = { searxng, brave, tavily, exa };
