import { CONTENT } from "./features/content.ts";
import { runMatrix } from "./matrix.ts";

runMatrix("Content", CONTENT);
