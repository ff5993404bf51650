/** Why something the config asks for cannot be built as things are: what happened, and what the owner can do. */
export class SetupError extends Error {
  override readonly name = "SetupError";
}
