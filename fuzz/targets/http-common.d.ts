// What of Node's own parser http.ts takes, which has no types.
declare module "node:_http_common" {
  /** Minor and major version, names and values, method, address, status, and what no one asks for here. */
  export type Head = [number, number, string[] | undefined, undefined, undefined, number, ...unknown[]];

  export class HTTPParser {
    static readonly RESPONSE: number;
    static readonly kOnHeaders: number;
    static readonly kOnHeadersComplete: number;
    static readonly kOnBody: number;
    static readonly kOnMessageComplete: number;
    /** Headers come one by one where there are very many. */
    [heard: number]:
      | ((fields: string[]) => void)
      | ((...head: Head) => number)
      | ((body: Buffer) => void)
      | (() => void);
    initialize(type: number, resource: object, maxHeadBytes: number, lenient: number): void;
    execute(bytes: Buffer): number | Error;
    finish(): undefined | Error;
  }
}
