import type { Row } from "../row.ts";
import { CONNECT, KEPT } from "./connect.ts";
import { CONTENTS } from "./contents.ts";
import { CUTS } from "./cuts.ts";
import { SIZES } from "./sizes.ts";
import { STATUSES } from "./statuses.ts";

/** The fault matrix. */
export const ROWS: readonly Row[] = [...CONNECT, ...STATUSES, ...CUTS, ...CONTENTS, ...SIZES, ...KEPT];
