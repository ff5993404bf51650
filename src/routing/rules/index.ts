import type { RuleKind } from "../define-rule.ts";
import { alias } from "./alias.ts";
import { cheapestCapable } from "./cheapest-capable.ts";
import { client } from "./client.ts";
import { context } from "./context.ts";
import { discover } from "./discover.ts";
import { fallback } from "./fallback.ts";
import { latency } from "./latency.ts";
import { match } from "./match.ts";
import { prefix } from "./prefix.ts";
import { price } from "./price.ts";
import { random } from "./random.ts";
import { schedule } from "./schedule.ts";
import { tag } from "./tag.ts";
import { throughput } from "./throughput.ts";
import { weighted } from "./weighted.ts";

/** Every kind of rule, one file each; index.test.ts sees to it that none is forgotten. */
export const RULE_KINDS: readonly RuleKind[] = [
  prefix,
  tag,
  price,
  latency,
  throughput,
  fallback,
  discover,
  random,
  alias,
  match,
  client,
  schedule,
  context,
  weighted,
  cheapestCapable,
];
