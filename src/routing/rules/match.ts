import { whenSchema } from "../../config/conditions.ts";
import { conditionalRule } from "../conditions/conditional-rule.ts";

/** What all sorts of conditions describe goes to one provider. */
export const match = conditionalRule("match", whenSchema, { keepsPrompts: true });
