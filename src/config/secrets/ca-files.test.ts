import { deepEqual, match } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { EXPIRED, SELF_SIGNED } from "../../../test/support/certificates.ts";
import { caKey, readCaFiles } from "./ca-files.ts";

test("CA files are read beside the config; what is wrong with one is said in its place", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "ca-files-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "good.pem"), `a comment\n${SELF_SIGNED}${EXPIRED}`);
  await writeFile(join(folder, "empty.pem"), "");
  await writeFile(join(folder, "damaged.pem"), SELF_SIGNED + EXPIRED.replace("MIIB", "MIIA"));
  const files = ["good.pem", "empty.pem", "damaged.pem", "missing.pem", ".", 5, undefined];
  const { texts, problems } = readCaFiles({ providers: [...files.map((ca_file) => ({ ca_file })), 7] }, folder);
  deepEqual(texts, { [caKey("good.pem")]: `${SELF_SIGNED}${EXPIRED}`.trim() });
  const wrong = [
    /empty.pem holds no certificate: it must be PEM/,
    /certificate 2 of 2 is damaged/,
    /no such file/,
    /EISDIR/,
  ];
  deepEqual(
    problems.map(({ path }) => path),
    [1, 2, 3, 4].map((index) => ["providers", index, "ca_file"]),
  );
  for (const [at, why] of wrong.entries()) match(problems[at]?.message ?? "", why);
});
