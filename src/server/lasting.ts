import type { Config } from "../config/config.ts";
import { Conversations } from "../conversation/conversations.ts";
import { type Clock, type Random, systemClock } from "../core/clock.ts";
import { Transports } from "../upstream/transports.ts";
import { Lifecycle } from "./lifecycle.ts";
import { Overload } from "./overload.ts";

/** What outlives a config: a reload hands it on to the next version, with that one's settings. */
export class Lasting {
  readonly clock: Clock = systemClock;
  readonly lifecycle = new Lifecycle();
  readonly transports: Transports;
  readonly conversations: Conversations;
  readonly overload: Overload;

  constructor(config: Config, random: Random) {
    this.transports = new Transports(this.clock, random);
    this.conversations = new Conversations(config.conversations, this.clock);
    this.overload = new Overload(config.overload, this.clock);
  }

  configure(config: Config): void {
    this.conversations.configure(config.conversations);
    this.overload.configure(config.overload);
  }
}
