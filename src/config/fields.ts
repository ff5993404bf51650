import { z } from "zod";

/** What several tables of the config have fields of. */
export const positive = z.number().positive();
export const milliseconds = z.number().int().nonnegative();
export const seconds = z.number().nonnegative();
export const share = z.number().min(0).max(1);
export const name = z.string().min(1);
/** Of a secret: `file:PATH`, `exec:COMMAND` or `env:NAME`. */
export const keySource = z.string().min(1).optional();
