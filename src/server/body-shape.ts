import { RouterError } from "../core/errors.ts";
import { countKeys, ShapeError } from "../core/json-shape.ts";

/** Values of all kinds. A conversation of 1 M tokens in the shortest of messages has fewer. */
const MAX_VALUES = 1_000_000;

/**
 * How many keys the objects of a request's body have. Throws `bad_request` for what would take long to parse for its size, and
 * `body_too_large` for more than `maxItems` messages, parts, calls and tools, each of which costs some microseconds.
 */
export function checkShape(body: string, maxItems: number): number {
  try {
    return countKeys(body, { values: MAX_VALUES, items: maxItems });
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const message = `the request body ${error.message}`;
    if (error.isMany) throw new RouterError("body_too_large", `${message} ([server] max_body_items)`);
    throw new RouterError("bad_request", message);
  }
}
