import type { Row } from "../row.ts";
import { CLIENTS } from "./clients.ts";
import { CONNECT, KEPT } from "./connect.ts";
import { CONTENTS } from "./contents.ts";
import { CUTS } from "./cuts.ts";
import { ECHOES } from "./echoes.ts";
import { PLUGINS } from "./plugins.ts";
import { SIZES } from "./sizes.ts";
import { STATUSES } from "./statuses.ts";
import { TWO } from "./two.ts";

/** The fault matrix. */
export const ROWS: readonly Row[] = [
  ...CONNECT,
  ...STATUSES,
  ...CUTS,
  ...CONTENTS,
  ...SIZES,
  ...KEPT,
  ...TWO,
  ...CLIENTS,
  ...PLUGINS,
  ...ECHOES,
];
