import { conditionSchema } from "../../config/conditions.ts";
import { conditionalRule } from "../conditions/conditional-rule.ts";

/** At certain hours everything goes to one provider. */
export const schedule = conditionalRule("schedule", conditionSchema.pick({ hours: true, days: true, time_zone: true }));
