import type { RuleKind } from "../rule.ts";
import { discover } from "./discover.ts";
import { fallback } from "./fallback.ts";
import { latency } from "./latency.ts";
import { prefix } from "./prefix.ts";
import { price } from "./price.ts";
import { random } from "./random.ts";
import { tag } from "./tag.ts";
import { throughput } from "./throughput.ts";

/** Every kind of rule, one file each; index.test.ts sees to it that none is forgotten. */
export const RULE_KINDS: readonly RuleKind[] = [prefix, tag, price, latency, throughput, fallback, discover, random];
