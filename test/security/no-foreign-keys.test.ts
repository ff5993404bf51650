import { deepEqual } from "node:assert/strict";
import { join, relative } from "node:path";
import { test } from "node:test";
import ts from "typescript";

// Names from outside as keys of plain objects: `__proto__` sets the prototype, `constructor` is there without having been put there.
// So `x in object` is written only for names that stand in the source, and `object[name] = …` only where the type says that the name is
// one of a few; else `Map`, or `setOwn`, `assignOwn` and `ownOf` of core/json.ts. Types say more than the text, so they are asked here.

const ROOT = join(import.meta.dirname, "../..");
/** Where it is safe though types do not say so: `file: object`. */
const SAFE: ReadonlyMap<string, string> = new Map([
  ["src/core/json.ts: object", "setOwn itself"],
  ["src/wire/gemini/answer/partial-arguments.ts: at", "has no prototype"],
  ["src/pipeline/raw/raw-trace.ts: shown", "has no prototype"],
  ["src/config/diff/diff.ts: whole", "has no prototype"],
  ["src/wire/simulated/read-values.ts: object", "one name, which the caller writes down"],
  ["src/wire/ollama/models.ts: object", "one name, which the caller writes down"],
  ["src/server/endpoints/router/openapi.ts: paths", "paths of the router's own routes"],
]);

function sources(): { files: ts.SourceFile[]; checker: ts.TypeChecker } {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
  const config = ts.getParsedCommandLineOfConfigFile(join(ROOT, "tsconfig.json"), {}, host);
  const own = (config?.fileNames ?? []).filter(
    (name) => relative(ROOT, name).startsWith("src/") && !name.endsWith(".test.ts"),
  );
  const program = ts.createProgram(own, config?.options ?? {});
  const files = program.getSourceFiles().filter(({ fileName }) => own.includes(fileName));
  return { files, checker: program.getTypeChecker() };
}

/** Any text may be a value of it. */
function isOpen(type: ts.Type, checker: ts.TypeChecker): boolean {
  if (type.isUnion()) return type.types.some((one) => isOpen(one, checker));
  const limit = type.flags & ts.TypeFlags.TypeParameter ? checker.getBaseConstraintOfType(type) : undefined;
  if (limit && limit !== type) return isOpen(limit, checker);
  return (type.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0 && !type.isLiteral();
}

function isWritten(node: ts.ElementAccessExpression): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) {
    const { kind } = parent.operatorToken;
    return parent.left === node && kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
  }
  return (
    ts.isPostfixUnaryExpression(parent) || (ts.isPrefixUnaryExpression(parent) && /^(?:\+\+|--)/.test(parent.getText()))
  );
}

function isForeignKey(node: ts.Node, checker: ts.TypeChecker): string | undefined {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InKeyword) {
    const { left } = node;
    const isKnown = ts.isStringLiteral(left) ? !(left.text in {}) : /^Symbol\.|^#/.test(left.getText());
    return isKnown ? undefined : `${left.getText()} in`;
  }
  if (!ts.isElementAccessExpression(node) || !isWritten(node)) return undefined;
  return isOpen(checker.getTypeAtLocation(node.argumentExpression), checker) ? node.expression.getText() : undefined;
}

test("no name from outside is looked up with `in`, or written as a key of a plain object", () => {
  const { files, checker } = sources();
  const found = new Set<string>();
  const visit = (file: ts.SourceFile, node: ts.Node): void => {
    const what = isForeignKey(node, checker);
    if (what !== undefined) found.add(`${relative(ROOT, file.fileName)}: ${what}`);
    ts.forEachChild(node, (child) => visit(file, child));
  };
  for (const file of files) visit(file, file);
  deepEqual(
    [...found].filter((place) => !SAFE.has(place)),
    [],
  );
  // What is explained and no longer there.
  deepEqual(
    [...SAFE.keys()].filter((place) => !found.has(place)),
    [],
  );
});
