/** What `plugin new` makes: a plugin, or what an option of that name says. */
export const OTHER_MODULES = ["classifier", "response-classifier", "rule"] as const;
export type ModuleKindName = "plugin" | (typeof OTHER_MODULES)[number];
