// The arrows of the house (docs/architecture.md): a folder may import only from folders after it in this list.
const floors = [
  "cli",
  "remote",
  "server",
  "replay",
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
      from: {
        path: "^src/",
        pathNot: "^src/upstream/web/web-client\\.ts$|\\.test\\.ts$",
      },
      to: { path: "^(undici|node:https|https)$|node_modules/undici" },
    },
    {
      // Importing it takes 35 ms of each start.
      name: "node-http-comes-from-core",
      severity: "error",
      from: { path: "^src/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(node:)?http$", dependencyTypesNot: ["type-only"] },
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
    {
      name: "the-server-does-not-import-the-page",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(web|tui)/" },
    },
    {
      // It talks to a router over HTTP, with what is there for that.
      name: "the-tui-asks-the-router-over-http",
      severity: "error",
      from: { path: "^tui/", pathNot: "\\.test\\.ts$" },
      to: {
        path: "^(src|test|bench)/",
        pathNot: "^src/(remote|api|core)/|^src/(record/events|cli/tui/contract)\\.ts$",
      },
    },
    {
      name: "the-tui-takes-only-types-of-events-and-command-line",
      severity: "error",
      from: { path: "^tui/", pathNot: "\\.test\\.ts$" },
      to: { path: "^src/(record|cli)/", dependencyTypesNot: ["type-only"] },
    },
    {
      // How events become a row is the same for page and terminal.
      name: "the-tui-takes-only-the-row-from-the-page",
      severity: "error",
      from: { path: "^tui/" },
      to: { path: "^web/", pathNot: "^web/src/live/row\\.ts$" },
    },
    {
      name: "only-its-frame-knows-ink",
      severity: "error",
      from: { path: "^tui/", pathNot: "^tui/src/(main|app/app)\\.tsx$" },
      to: { path: "^(ink|react)$|node_modules/(ink|react)/" },
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
    enhancedResolveOptions: { extensions: [".ts", ".tsx", ".js", ".json"] },
  },
};
