import { deepEqual, equal, throws } from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { scratch } from "../../../test/support/in-process.ts";
import { OpenIndex } from "./open-index.ts";

test("what answers questions reads what was written, and cannot write", async (t) => {
  const index = OpenIndex.at(join(await scratch(t), "logs", "requests.index.sqlite"));
  index.begin();
  index.db.exec("INSERT INTO word (word, rows) VALUES ('kept', 1)");
  index.commit(0);
  deepEqual({ ...index.reader.prepare("SELECT word FROM word").get() }, { word: "kept" });
  for (const order of [
    "DELETE FROM word",
    "DROP TABLE word",
    "INSERT INTO word VALUES ('new', 1)",
    "PRAGMA user_version = 1",
  ])
    throws(() => index.reader.exec(order), /readonly/, order);
  equal(index.db.prepare("SELECT count(*) AS words FROM word").get()?.["words"], 1);
  index.close();
});
