/** True when only this machine can reach what listens there. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(host);
}

/** What a client on this machine uses to reach a router listening at `url`. */
export function clientUrl(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const isHere = ["0.0.0.0", "[::]", "127.0.0.1"].includes(hostname);
  return `${protocol}//${isHere ? "localhost" : hostname}${port === "" ? "" : `:${port}`}`;
}
