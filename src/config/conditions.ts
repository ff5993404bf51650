import { z } from "zod";
import { DIALECTS } from "../core/part.ts";

export const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
export type Day = (typeof DAYS)[number];

const TIME = "([01]\\d|2[0-3]):([0-5]\\d)";
const HOURS = new RegExp(`^${TIME}-(?:${TIME}|24:00)$`);

/** `22:00-06:00`: from the one minute until just before the other, over midnight where the first is later. */
export const hoursSchema = z
  .string()
  .regex(HOURS, 'has to be like "22:00-06:00"')
  .refine((text) => text.slice(0, 5) !== text.slice(6), "begins and ends at the same minute");

/** The name of a time zone that this Node knows: `Europe/Berlin`. */
export const timeZoneSchema = z.string().refine(isTimeZone, "is no time zone: one is Europe/Berlin");

const oneOrMore = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const tokens = z.number().int().nonnegative();

/** What can be asked of a request; of several keys each has to hold. */
export const conditionSchema = z.strictObject({
  tag: oneOrMore.optional().describe("A classifier set this tag, or one of these."),
  model: oneOrMore.optional().describe("The model asked for, `*` and `?` standing for any characters."),
  client: z
    .union([z.enum(DIALECTS), z.array(z.enum(DIALECTS)).min(1)])
    .optional()
    .describe("The API the client speaks."),
  agent: oneOrMore.optional().describe("The program that asks, as events name it: `claude-code`, `codex*`."),
  key: oneOrMore
    .optional()
    .describe("The name of the key the client presents, as `[server]` gives it: `ci`, `team-*`."),
  header: z
    .record(z.string().min(1), oneOrMore)
    .optional()
    .describe("Headers of the request and what they hold, with `*` and `?`; credentials cannot be asked for."),
  needs: z
    .array(z.enum(["vision", "tools"]))
    .min(1)
    .optional()
    .describe("It has an image, or tools; both where both are named."),
  min_input_tokens: tokens.optional().describe("Its prompt has at least so many tokens, estimated."),
  max_input_tokens: tokens.optional().describe("Its prompt has at most so many."),
  hours: hoursSchema.optional().describe("The time of the day: `22:00-06:00`."),
  days: z.array(z.enum(DAYS)).min(1).optional().describe("Days of the week; hours over midnight belong to the first."),
  time_zone: timeZoneSchema.optional().describe("Of hours and days; omitted: the machine's."),
});
export type ConditionSettings = z.output<typeof conditionSchema>;

/** Conditions put together. */
export const whenSchema = conditionSchema.extend({
  all: z.array(conditionSchema).min(1).optional().describe("Each of these holds."),
  any: z.array(conditionSchema).min(1).optional().describe("One of these holds."),
  none: z.array(conditionSchema).min(1).optional().describe("None of these holds."),
});
export type WhenSettings = z.output<typeof whenSchema>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
