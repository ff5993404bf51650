import { relative } from "node:path";
import { pathToFileURL } from "node:url";

/** What is wrong with a module, in words that stand behind its place in the config. */
export class ModuleFault extends Error {
  override readonly name = "ModuleFault";
}

/** What a module threw, with the first place of the stack that lies in its own files. */
export function thrownFault(what: string, error: unknown, files: Iterable<string>, folder: string): ModuleFault {
  const isError = error instanceof Error;
  const [message = ""] = (isError ? error.message : String(error)).split("\n");
  const at = isError ? placeIn(error.stack ?? "", files) : undefined;
  const where = at ? `, at ${relative(folder, at.file)}${at.position}` : "";
  return new ModuleFault(`${what}: ${message.trim()}${where}`, { cause: error });
}

/** The first place in a stack that lies in one of the files. */
function placeIn(stack: string, files: Iterable<string>): { file: string; position: string } | undefined {
  let first: { at: number; file: string; position: string } | undefined;
  for (const file of files) {
    for (const name of [pathToFileURL(file).href, file]) {
      const found = positionAfter(stack, name);
      if (found && found.at < (first?.at ?? Number.POSITIVE_INFINITY)) first = { ...found, file };
    }
  }
  return first;
}

/** The first `:12:3` behind a file's name, which may have a query. */
function positionAfter(stack: string, name: string): { at: number; position: string } | undefined {
  for (let at = stack.indexOf(name); at >= 0; at = stack.indexOf(name, at + 1)) {
    const position = /^(?:\?[\w=-]+)?((?::\d+){1,2})/.exec(stack.slice(at + name.length))?.[1];
    if (position !== undefined) return { at, position };
  }
  return undefined;
}
