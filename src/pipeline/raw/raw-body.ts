/** Of each body so much is kept, from its beginning. */
const MAX_BODY_BYTES = 256 * 1024;

/** What the bodies of one exchange hold together. */
export class RawRoom {
  bytes = 0;
  /** False: nothing is taken any more. */
  open = true;
  readonly #changed: (bytes: number) => void;

  /** `changed` hears by how many bytes they grew. */
  constructor(changed: (bytes: number) => void) {
    this.#changed = changed;
  }

  add(bytes: number): void {
    this.bytes += bytes;
    this.#changed(bytes);
  }
}

/** A body as it went over the wire, or its beginning. */
export class RawBody {
  bytes = 0;
  truncated = false;
  readonly #room: RawRoom;
  readonly #pieces: Buffer[] = [];

  constructor(room: RawRoom) {
    this.#room = room;
  }

  add(piece: string | Uint8Array, encoding: BufferEncoding = "utf8"): void {
    if (!this.#room.open || this.truncated) return;
    const room = MAX_BODY_BYTES - this.bytes;
    const bytes = typeof piece === "string" ? Buffer.from(piece.slice(0, room), encoding) : piece;
    // Copied: a piece of what a socket read would hold all of that.
    const kept = Buffer.from(bytes.subarray(0, room));
    this.truncated = kept.length < bytes.length || piece.length > room;
    this.#pieces.push(kept);
    this.bytes += kept.length;
    this.#room.add(kept.length);
  }

  clear(): void {
    this.#pieces.length = 0;
  }

  /** Null: nothing came. */
  text(): string | null {
    return this.#pieces.length === 0 ? null : Buffer.concat(this.#pieces).toString("utf8");
  }
}

/** How one side was answered. */
export class RawAnswer {
  status: number | null = null;
  headers: Record<string, string> = {};
  readonly body: RawBody;

  constructor(room: RawRoom) {
    this.body = new RawBody(room);
  }
}
