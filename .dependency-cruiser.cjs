// The arrows of the house (docs/architecture.md): a folder may import only from folders after it in this list.
const floors = [
  "cli",
  "remote",
  "server",
  "pipeline",
  "plugins",
  "conversation",
  "classify",
  "routing",
  "resilience",
  "upstream",
  "wire",
  "store",
  "record",
  "cost",
  "config",
  "api",
  "core",
];

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    ...floors.map((floor, level) => ({
      name: `arrows-point-down-from-${floor}`,
      severity: "error",
      from: { path: `^src/${floor}/`, pathNot: "\\.test\\.ts$" },
      to: { path: `^src/(${floors.slice(0, level).join("|") || "(?!)"})/` },
    })),
    {
      name: "only-the-client-opens-connections",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/upstream/(client|web/web-client)\\.ts$|\\.test\\.ts$" },
      to: { path: "^(undici|node:https|https)$|node_modules/undici" },
    },
    {
      // The shapes are common to server and page, and only their types: nothing of the server runs in a browser.
      name: "the-page-takes-only-shapes-from-the-server",
      severity: "error",
      from: { path: "^web/" },
      to: { path: "^(src|test|bench)/", pathNot: "^src/(api/|record/events\\.ts$)" },
    },
    {
      name: "the-page-takes-only-types-from-the-server",
      severity: "error",
      from: { path: "^web/" },
      to: { path: "^src/", dependencyTypesNot: ["type-only"] },
    },
    { name: "the-server-does-not-import-the-page", severity: "error", from: { path: "^src/" }, to: { path: "^web/" } },
    {
      name: "source-does-not-import-tests",
      severity: "error",
      from: { path: "^src/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(test|bench)/" },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { extensions: [".ts", ".tsx", ".js", ".json"] },
  },
};
