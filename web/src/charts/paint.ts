import { colourName, type Paint, TILE, textureOf } from "./data/palette.ts";

/** Colours and textures of the page's theme, for canvases. */
export class Colours {
  readonly #probe: HTMLElement;
  readonly #colours = new Map<string, string>();
  readonly #fills = new Map<Paint, string | CanvasPattern>();

  /** `host` is where the colours hold. */
  constructor(host: HTMLElement) {
    this.#probe = document.createElement("i");
    this.#probe.hidden = true;
    host.append(this.#probe);
  }

  /** The colour a CSS variable stands for just now: canvases know neither variables nor light-dark(). */
  of(variable: string): string {
    const known = this.#colours.get(variable);
    if (known !== undefined) return known;
    this.#probe.style.color = `var(${variable})`;
    const colour = getComputedStyle(this.#probe).color;
    this.#colours.set(variable, colour);
    return colour;
  }

  stroke(paint: Paint): string {
    return this.of(colourName(paint));
  }

  fill(paint: Paint): string | CanvasPattern {
    const known = this.#fills.get(paint);
    if (known !== undefined) return known;
    const fill = this.#pattern(paint) ?? this.stroke(paint);
    this.#fills.set(paint, fill);
    return fill;
  }

  /** The theme or the resolution is another one. */
  forget(): void {
    this.#colours.clear();
    this.#fills.clear();
  }

  remove(): void {
    this.#probe.remove();
  }

  #pattern(paint: Paint): CanvasPattern | null {
    const texture = textureOf(paint);
    if (texture === "") return null;
    const tile = document.createElement("canvas");
    const side = Math.max(1, Math.round(TILE * devicePixelRatio));
    tile.width = side;
    tile.height = side;
    const context = tile.getContext("2d");
    if (context === null) return null;
    context.fillStyle = this.stroke(paint);
    context.fillRect(0, 0, side, side);
    context.scale(side / TILE, side / TILE);
    context.strokeStyle = this.of("--chart-texture");
    context.lineWidth = 0.9;
    context.stroke(new Path2D(texture));
    return context.createPattern(tile, "repeat");
  }
}

/** Calls back when the page's theme may have changed, until the returned function is called. */
export function watchTheme(changed: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const contrast = matchMedia("(prefers-contrast: more)");
  const chosen = new MutationObserver(changed);
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ["class", "style", "data-theme"] });
  for (const query of [system, contrast]) query.addEventListener("change", changed);
  return () => {
    chosen.disconnect();
    for (const query of [system, contrast]) query.removeEventListener("change", changed);
  };
}
