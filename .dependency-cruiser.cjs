// The arrows of the house (docs/architecture.md): a folder may import only from folders after it in this list.
const floors = [
  "cli",
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
      from: { path: "^src/", pathNot: "^src/upstream/client\\.ts$|\\.test\\.ts$" },
      to: { path: "^(undici|node:https|https)$|node_modules/undici" },
    },
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
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
