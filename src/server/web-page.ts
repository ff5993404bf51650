import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** Where the built page is: beside the bundle in a package, in `web/dist` of a checkout. */
export const WEB_FOLDER = import.meta.filename.endsWith(".ts")
  ? join(import.meta.dirname, "../../web/dist")
  : join(import.meta.dirname, "web");

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

const compress = promisify(gzip);

export interface Asset {
  type: string;
  body: Buffer;
  gzipped: Buffer;
  etag: string;
}

interface Built {
  html: string;
  assets: ReadonlyMap<string, Asset>;
}

/** The page as `npm run build:web` made it, read when it is first asked for, and kept. Built again: read again with the next shell. */
export class WebPage {
  readonly #folder: string;
  #built: Promise<Built> | undefined;
  #builtMs = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** index.html; undefined when the page was not built. */
  async shell(): Promise<string | undefined> {
    const found = await stat(join(this.#folder, "index.html")).catch(() => undefined);
    if (!found) return undefined;
    if (found.mtimeMs !== this.#builtMs) this.#built = undefined;
    this.#builtMs = found.mtimeMs;
    return (await this.#read()).html;
  }

  /** A file of `assets/` by its name: only what was there when the page was read. */
  async asset(name: string): Promise<Asset | undefined> {
    if (!this.#built && (await this.shell()) === undefined) return undefined;
    return (await this.#read()).assets.get(name);
  }

  #read(): Promise<Built> {
    this.#built ??= read(this.#folder).catch((error: unknown) => {
      // It is being built just now: the next one who asks finds it.
      this.#built = undefined;
      throw error;
    });
    return this.#built;
  }
}

async function read(folder: string): Promise<Built> {
  const html = await readFile(join(folder, "index.html"), "utf8");
  const names = await readdir(join(folder, "assets"));
  const assets = await Promise.all(
    names.map(async (name) => [name, await assetOf(join(folder, "assets", name))] as const),
  );
  return { html, assets: new Map(assets) };
}

async function assetOf(file: string): Promise<Asset> {
  const body = await readFile(file);
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return { type: TYPES[extname(file)] ?? "application/octet-stream", body, gzipped: await compress(body), etag };
}
