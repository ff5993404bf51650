import { didYouMean } from "../../../config/nearest.ts";
import { lacksKey } from "../../../config/secrets/key-source.ts";
import type { Arm } from "../../../replay/arms/outlook.ts";
import type { BuiltFleet } from "../../../upstream/build-fleet.ts";
import { Refusal } from "../../io.ts";

/** Who `claude/claude-opus-5,local` names. Throws `Refusal` for what is not there. */
export function armsOf(text: string, built: BuiltFleet): Arm[] {
  const names = text.split(",").map((name) => name.trim());
  const arms = names.filter((name) => name !== "").map((name) => armOf(name, built));
  if (arms.length === 0)
    throw new Refusal(2, "--arms names nobody: a provider, or PROVIDER/MODEL, and more behind commas");
  const twice = arms.find(({ name }, at) => arms.findIndex((other) => other.name === name) !== at);
  if (twice) throw new Refusal(2, `--arms names ${JSON.stringify(twice.name)} twice`);
  return arms;
}

/** A model may have a slash in its name, and so may a provider: the longest provider there is counts. */
function armOf(name: string, { fleet, skipped }: BuiltFleet): Arm {
  const isNamed = (provider: string) => name === provider || name.startsWith(`${provider}/`);
  const [provider] = fleet
    .all()
    .filter((one) => isNamed(one.name))
    .toSorted((a, b) => b.name.length - a.name.length);
  const without = skipped.find((one) => isNamed(one.name));
  if (without && without.name.length > (provider?.name.length ?? 0))
    throw new Refusal(2, `${without.name} cannot be asked: its key is missing, ${lacksKey(without.source)}`);
  if (!provider) {
    const known = fleet.all().map((one) => one.name);
    const asked = name.split("/")[0] ?? name;
    throw new Refusal(2, `--arms: there is no provider ${JSON.stringify(asked)}${didYouMean(asked, known)}`);
  }
  const model = name.slice(provider.name.length + 1);
  return { name, provider, model: model === "" ? undefined : model };
}
