/** So many keys can be told apart in one chart; the rest goes together. */
export const SLOTS = 8;

/** Side of the square, in px, that a texture repeats. */
export const TILE = 6;

/**
 * Drawn over the colour of a slot, so that no slot is known by colour alone: SVG paths on a square of `TILE` px, stroked. One
 * for each slot, in order.
 */
export const TEXTURES: readonly string[] = [
  "",
  "M-1 1L1 -1M-1 7L7 -1M5 7L7 5",
  "M1.2 1.5H1.8M4.2 4.5H4.8",
  "M-1 5L1 7M-1 -1L7 7M5 -1L7 1",
  "M0 3H6",
  "M0 3H6M3 0V6",
  "M3 0V6",
  "M1.5 3A1.5 1.5 0 1 0 4.5 3A1.5 1.5 0 1 0 1.5 3",
];

/** How something is drawn: by its slot, or by what it means. */
export type Paint = number | "accent" | "bad" | "rest";

/** The CSS variable with the colour of a paint. */
export function colourName(paint: Paint): string {
  return `--chart-${paint}`;
}

export function textureOf(paint: Paint): string {
  if (typeof paint === "number") return TEXTURES[paint % SLOTS] ?? "";
  return paint === "bad" ? (TEXTURES[1] ?? "") : "";
}

/** Keys that stand for no name: `(none)`, `(other)`. They get no slot. */
export function isNameless(key: string): boolean {
  return key === "(none)" || key === "(other)";
}

/**
 * The slot of each key, 0 to 7: by its name, so that a provider has the same colour on every page and whatever else is shown.
 * Where two names want the same one, the one that sorts later moves on to the next free one.
 */
export function slotsOf(keys: Iterable<string>): Map<string, number> {
  const slots = new Map<string, number>();
  const taken = new Set<number>();
  for (const key of [...new Set(keys)].sort()) {
    if (isNameless(key)) continue;
    if (taken.size === SLOTS) taken.clear();
    let slot = hashOf(key) % SLOTS;
    while (taken.has(slot)) slot = (slot + 1) % SLOTS;
    taken.add(slot);
    slots.set(key, slot);
  }
  return slots;
}

/** FNV-1a: short names that differ in one letter land apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
