import type { ProviderConfig } from "../config.ts";
import type { Change } from "./change.ts";
import { canonical, differences, differenceText, jsonOf } from "./values.ts";

/** By name; one that only has another name is told as that. */
export function providerChanges(before: readonly ProviderConfig[], after: readonly ProviderConfig[]): Change[] {
  const change = (kind: Change["kind"], text: string): Change => ({ group: "providers", kind, text });
  const old = new Map(before.map((provider) => [provider.name, provider]));
  const names = new Set(after.map(({ name }) => name));
  const gone = before.filter(({ name }) => !names.has(name));
  const added = after.filter(({ name }) => !old.has(name));
  const renamed = new Map<string, string>();
  for (const provider of gone) {
    const same = added.find((other) => !renamed.has(other.name) && contentOf(other) === contentOf(provider));
    if (same) renamed.set(same.name, provider.name);
  }
  const isRenamed = new Set(renamed.values());
  const orderOf = (list: readonly ProviderConfig[], known: (name: string) => boolean) =>
    list.map(({ name }) => renamed.get(name) ?? name).filter(known);
  const stays = (name: string) => isRenamed.has(name) || (old.has(name) && names.has(name));
  const [was, is] = [orderOf(before, stays), orderOf(after, stays)];
  return [
    ...gone.filter(({ name }) => !isRenamed.has(name)).map(({ name }) => change("removed", `provider ${name} is gone`)),
    ...added
      .filter(({ name }) => !renamed.has(name))
      .map((provider) => change("added", `provider ${provider.name} is new (${placeOf(provider)})`)),
    ...[...renamed].map(([name, former]) => change("changed", `provider ${former} is called ${name} now`)),
    ...after.flatMap((provider) => editedTexts(old.get(provider.name), provider)),
    ...(was.join("\n") === is.join("\n")
      ? []
      : [change("changed", `providers are in another order (of equals the first is taken): ${is.join(", ")}`)]),
  ];
}

function editedTexts(before: ProviderConfig | undefined, after: ProviderConfig): Change[] {
  if (before === undefined) return [];
  return [...differences(jsonOf(before), jsonOf(after))].map((difference) => {
    const { kind, text } = differenceText(difference, "texts");
    return { group: "providers", kind, text: `provider ${after.name}: ${text}` };
  });
}

function contentOf({ name: _, ...content }: ProviderConfig): string {
  return canonical(jsonOf(content));
}

function placeOf({ preset, format, base_url: url }: ProviderConfig): string {
  const what = preset === undefined ? (format ?? "") : `preset ${preset}`;
  return url === undefined ? what : `${what} at ${url}`;
}
