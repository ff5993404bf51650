import { didYouMean } from "../../config/nearest.ts";
import { globs } from "../../core/glob.ts";
import type { Place } from "../redecide/recorded-facts.ts";
import { AssertionFault } from "./fault.ts";

/** Where a request goes, as far as places are told apart. */
export interface Whereto {
  /** Undefined: it is refused. */
  place: Place | undefined;
  nearby: boolean | undefined;
}

/** Whether it goes to one of the places. */
export type Places = (whereto: Whereto) => boolean;

/**
 * What `local, nearby` or `!cloud` names: providers, with `*` for any characters, and with `/` a model as it is sent; `nearby`,
 * `cloud` and `refused`, where no provider is called so. `!` stands for all but these. `at`: where the list begins, for faults.
 */
export function parsePlaces(list: string, at: number, providers: readonly string[]): Places {
  const wanted: Places[] = [];
  const unwanted: Places[] = [];
  let position = at;
  for (const item of list.split(",")) {
    const text = item.trim();
    const begin = position + item.indexOf(text);
    position += item.length + 1;
    const isNot = text.startsWith("!");
    const name = isNot ? text.slice(1).trim() : text;
    if (name === "") throw new AssertionFault("a provider, nearby, cloud or refused should stand here", begin);
    (isNot ? unwanted : wanted).push(oneOf(name, begin + text.indexOf(name), providers));
  }
  return (whereto) =>
    (wanted.length === 0 || wanted.some((takes) => takes(whereto))) && !unwanted.some((takes) => takes(whereto));
}

const KINDS: Readonly<Record<string, Places>> = {
  nearby: ({ nearby }) => nearby === true,
  // Where nobody knows, the worse is assumed.
  cloud: ({ place, nearby }) => place !== undefined && nearby !== true,
  refused: ({ place }) => place === undefined,
};

function oneOf(name: string, at: number, providers: readonly string[]): Places {
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (kind && !providers.includes(name)) return kind;
  const slash = name.indexOf("/");
  const [provider, model] = slash === -1 ? [name, "*"] : [name.slice(0, slash), name.slice(slash + 1)];
  const isProvider = globs([provider]);
  if (!providers.some(isProvider)) {
    const hint = didYouMean(provider, [...providers, ...Object.keys(KINDS)]);
    throw new AssertionFault(`the config has no provider ${JSON.stringify(provider)}${hint}`, at);
  }
  const isModel = globs([model]);
  return ({ place }) => place !== undefined && isProvider(place.provider) && isModel(place.model);
}
