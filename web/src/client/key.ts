const NAME = "api_key";
/** The router takes it by either. */
const NAMES = [NAME, "key"];

/** The router's key: handed on in the address, taken out of it at once, and kept for as long as the tab lives. */
export function takeKey(): string | undefined {
  const url = new URL(location.href);
  const given = NAMES.map((name) => url.searchParams.get(name)).find((key) => key !== null && key !== "");
  if (given) {
    sessionStorage.setItem(NAME, given);
    for (const name of NAMES) url.searchParams.delete(name);
    history.replaceState(history.state, "", url);
  }
  return sessionStorage.getItem(NAME) ?? undefined;
}
