import type { Dialect, ImagePart, MediaSource } from "../part.ts";
import { type ImageSize, imageSize, pdfPages } from "./media-size.ts";

/** Of a picture we cannot look at: a screenshot as clients scale it down. */
const USUAL: ImageSize = { width: 1092, height: 1092 };
/** A page of a PDF is some 75 kB. */
const PAGE_CHARS = 100_000;
const AUDIO_CHARS_PER_TOKEN = 2000;

/** Adds up what the media of a prompt cost, by the provider's own formula where it has published one. */
export class MediaCounter {
  tokens = 0;
  readonly #target: Dialect | undefined;

  constructor(target: Dialect | undefined) {
    this.#target = target;
  }

  image({ source, detail }: ImagePart): void {
    const size = (source.kind === "base64" ? imageSize(source.data) : undefined) ?? USUAL;
    if (this.#target === "openai" || this.#target === "openai-responses") this.tokens += openaiImage(size, detail);
    else this.tokens += this.#target === "gemini" ? geminiImage(size) : anthropicImage(size);
  }

  document(source: MediaSource): void {
    const chars = source.kind === "base64" ? source.data.length : 0;
    const pages = (source.kind === "base64" ? pdfPages(source.data) : undefined) ?? Math.max(1, chars / PAGE_CHARS);
    // The others read a page as its text and a picture of it; Gemini as one tile.
    this.tokens += pages * (this.#target === "gemini" ? GEMINI_TILE : 2000);
  }

  audio(base64Chars: number): void {
    this.tokens += base64Chars / AUDIO_CHARS_PER_TOKEN;
  }
}

/** Scaled down to 1,568 pixels a side and about 1,600 tokens, 750 pixels each. Also the guess for whoever says nothing. */
function anthropicImage(size: ImageSize): number {
  const { width, height } = scaled(size, 1568 / Math.max(size.width, size.height));
  return Math.min((width * height) / 750, 1600);
}

/** Into 2,048 by 2,048, then to 768 on the short side; 170 for each tile of 512 by 512, and 85. Low detail: those alone. */
function openaiImage(size: ImageSize, detail: string | undefined): number {
  if (detail === "low") return 85;
  const fitted = scaled(size, 2048 / Math.max(size.width, size.height));
  const { width, height } = scaled(fitted, 768 / Math.min(fitted.width, fitted.height));
  return 85 + 170 * Math.ceil(width / 512) * Math.ceil(height / 512);
}

const GEMINI_TILE = 258;

/** One tile for a small picture, else as many of 768 by 768 as cover it. */
function geminiImage({ width, height }: ImageSize): number {
  if (width <= 384 && height <= 384) return GEMINI_TILE;
  return GEMINI_TILE * Math.ceil(width / 768) * Math.ceil(height / 768);
}

/** Smaller by a factor, never larger. */
function scaled({ width, height }: ImageSize, factor: number): ImageSize {
  const by = Math.min(1, factor);
  return { width: Math.round(width * by), height: Math.round(height * by) };
}
