import { conditionSchema } from "../../config/conditions.ts";
import { conditionalRule } from "../conditions/conditional-rule.ts";

const who = conditionSchema.pick({ agent: true, client: true, key: true, header: true });

/** What certain clients ask goes to one provider. */
export const client = conditionalRule("client", who, { keepsPrompts: true });
