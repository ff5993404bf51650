/** What a client on this machine uses to reach a router listening at `url`. */
export function clientUrl(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const isHere = ["0.0.0.0", "[::]", "127.0.0.1"].includes(hostname);
  return `${protocol}//${isHere ? "localhost" : hostname}${port === "" ? "" : `:${port}`}`;
}
