import { startRouter, startServer } from "../processes.ts";
import type { Contender } from "./contender.ts";

/** The yardstick. */
export const bareProxy: Contender = {
  name: "bare proxy",
  takes: ["openai"],
  start: (upstreamUrl) => startServer("bench/bare-proxy.ts", [upstreamUrl]),
};

/** 2,000 are let in by default, and 1,000 in one go. */
export const router: Contender = {
  name: "router",
  takes: ["openai", "anthropic"],
  start: (upstreamUrl) => startRouter(upstreamUrl),
};

export const routerWithLog: Contender = {
  name: "router, log on",
  takes: ["openai", "anthropic"],
  start: (upstreamUrl) => startRouter(upstreamUrl, { logging: true }),
};
