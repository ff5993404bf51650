"use strict";
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

// A checkout has the sources, and they are newer than what was last built; a package has only what was built.
const source = join(__dirname, "..", "src", "cli", "main.ts");
const main = existsSync(source) ? source : join(__dirname, "..", "dist", "main.js");
import(pathToFileURL(main).href);
