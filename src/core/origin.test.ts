import { equal } from "node:assert/strict";
import { test } from "node:test";
import { isOrigin } from "./origin.ts";

test("an origin is what browsers send as one", () => {
  const origins = [
    "https://app.example",
    "http://localhost:3000",
    "http://[::1]:8080",
    "app://obsidian.md",
    "chrome-extension://abcdef",
  ];
  for (const text of origins) equal(isOrigin(text), true, text);
  const others = [
    ...["*", "null", "", "app.example", "https://app.example/", "https://app.example/path", "https://APP.example"],
    ...[
      "https://app.example:443",
      "https://*.app.example",
      "https://user@app.example",
      "file://",
      "data:text/html,x",
      "app://x/y",
    ],
  ];
  for (const text of others) equal(isOrigin(text), false, text);
});
