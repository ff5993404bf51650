import type { Row } from "../row.ts";
import { CONNECT } from "./connect.ts";
import { CONTENTS } from "./contents.ts";
import { CUTS } from "./cuts.ts";
import { STATUSES } from "./statuses.ts";

/** The fault matrix. */
export const ROWS: readonly Row[] = [...CONNECT, ...STATUSES, ...CUTS, ...CONTENTS];
