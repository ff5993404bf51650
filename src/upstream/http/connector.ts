import type { Socket } from "node:net";
import type { Way } from "../way.ts";
import { proxyError } from "./proxy-error.ts";
import {
  type Common,
  placeOf,
  SecureSockets,
  type SocketOwner,
  type Sockets,
  socketsTo,
  whenStanding,
} from "./sockets.ts";
import { Tunnel } from "./tunnel.ts";

/** Gives the first socket back at once, to be closed when nobody waits for it any more. May throw. */
export type Connector = (owner: SocketOwner) => Socket;

/** Makes the connections to an origin on one way. Timeouts are the caller's: the call's own timer closes what does not come to stand. */
export function connectorFor(origin: string, { proxy, ca }: Way, common: Common): Connector {
  const place = placeOf(origin);
  if (proxy === undefined) return directly(socketsTo(place, ca, common));
  const toProxy = socketsTo(placeOf(proxy.origin), undefined, common);
  // To the proxy, wherever the request is for.
  if (!place.isSecure) return directly(toProxy, (error) => proxyError(proxy, "cannot be reached", error));
  const inside = new SecureSockets(place, ca, common.lookup);
  return (owner) => new Tunnel({ proxy, place, toProxy, inside, heads: common.heads }, owner).open();
}

function directly(sockets: Sockets, errorOf = (error: Error) => error): Connector {
  return (owner) => {
    const socket = sockets.open(owner);
    whenStanding(
      socket,
      sockets.event,
      () => owner.onStands(socket),
      (error) => owner.onNoConnection(errorOf(error)),
    );
    return socket;
  };
}
