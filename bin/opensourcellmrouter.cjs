#!/usr/bin/env node
// Old syntax, so that an old Node can say in one line what it lacks instead of failing on a word it does not know.
"use strict";

var version = process.versions.node.split(".").map(Number);
if (version[0] < 22 || (version[0] === 22 && version[1] < 19)) {
  console.error(
    "opensourcellmrouter needs Node 22.19 or later and this is " +
      process.versions.node +
      ": install a current one from https://nodejs.org (with nvm: nvm install --lts)",
  );
  process.exit(1);
}
require("./start.cjs");
