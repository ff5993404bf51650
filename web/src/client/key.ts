const NAME = "api_key";

/** The router's key: handed on in the address, taken out of it at once, and kept for as long as the tab lives. */
export function takeKey(): string | undefined {
  const url = new URL(location.href);
  const given = url.searchParams.get(NAME);
  if (given) {
    sessionStorage.setItem(NAME, given);
    url.searchParams.delete(NAME);
    history.replaceState(history.state, "", url);
  }
  return sessionStorage.getItem(NAME) ?? undefined;
}
