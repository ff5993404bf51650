import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { ProviderFacts, RuleRequest } from "opensourcellmrouter/plugin";
import rule from "./rule.ts";

test("NAME sends to the nearest provider that is allowed", () => {
  const { candidates } = rule.create({ except: ["old"] });
  const request: RuleRequest = { model: "m", tags: new Set(), needs: [], wallMs: 0 };
  // Only what it looks at.
  const providers = [
    { name: "old", nearby: true },
    { name: "cloud", nearby: false },
    { name: "local", nearby: true },
  ] as ProviderFacts[];
  deepEqual(
    candidates(request, providers).map(({ provider }) => provider),
    ["local", "cloud"],
  );
});
