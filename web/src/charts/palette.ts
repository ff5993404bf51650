/** So many keys can be told apart in one chart; the rest goes together. */
export const SLOTS = 8;

/** Drawn over the colour of a slot, so that no slot is known by colour alone. One for each slot, in order. */
export const TEXTURES = ["plain", "rising", "dots", "falling", "level", "grid", "upright", "rings"] as const;
export type Texture = (typeof TEXTURES)[number];

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
