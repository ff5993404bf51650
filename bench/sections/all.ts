import type { Section } from "../section.ts";
import { features } from "./features.ts";
import { idle } from "./idle.ts";
import { latency } from "./latency.ts";
import { memory } from "./memory.ts";
import { pairsStreamed, pairsWhole } from "./pairs.ts";
import { passthrough } from "./passthrough.ts";
import { scalingConnections } from "./scaling-connections.ts";
import { scalingConversation } from "./scaling-conversation.ts";
import { stalls } from "./stalls.ts";
import { startup } from "./startup.ts";
import { burst, crowd, paced } from "./streams.ts";
import { translated } from "./translated.ts";
import { workers } from "./workers.ts";

/** In the order in which they are measured. */
export const SECTIONS: readonly Section[] = [
  passthrough,
  translated,
  pairsWhole,
  burst,
  paced,
  pairsStreamed,
  latency,
  features,
  scalingConnections,
  scalingConversation,
  stalls,
  workers,
  startup,
  idle,
  memory,
  crowd,
];
