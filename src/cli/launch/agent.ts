import type { Env } from "../../config/check/providers.ts";
import type { AgentName } from "./agent-names.ts";

/** What a router that asks for no key is sent by agents that insist on one. */
export const PLACEHOLDER_KEY = "unused";

/** A model of the router's, as its clients call it. */
export interface ListedModel {
  readonly name: string;
  /** Tokens; undefined: nobody said. */
  readonly contextWindow?: number | undefined;
  /** As in `ModelInfo`; undefined: nobody said. */
  readonly capabilities?: readonly string[] | undefined;
}

/** All that an agent's start depends on. */
export interface Given {
  /** The router, without a slash at its end. */
  readonly base: string;
  /** The router's key, where it asks for one. */
  readonly key: string | undefined;
  /** What the agent is to ask for; undefined: what it asks for by itself. */
  readonly model: ListedModel | undefined;
  /** All the router lists. */
  readonly models: readonly ListedModel[];
  /** In which it will be started. */
  readonly env: Env;
  /** The user's own home. */
  readonly home: string;
  /** A folder of ours for this agent, where `files` may lie. */
  readonly folder: string;
  /** A file of the user's; undefined when it is not there. */
  read(path: string): string | undefined;
}

/** What is changed for an agent to use the router. Everything else stays as the user has it. */
export interface Plan {
  /** Variables, and what they become. */
  readonly set: Readonly<Record<string, string>>;
  /** Variables that would lead it elsewhere, or send the router a key that is not the router's. */
  readonly unset: readonly string[];
  /** Options for what no variable can say, before the user's own. No key is in them: everyone can read a command line. */
  readonly args: readonly string[];
  /** Files of ours, by their paths in `Given.folder`. */
  readonly files?: Readonly<Record<string, string>>;
  /** What is in `from` is in `to` as well, by links, but for `except`. */
  readonly mirror?: { readonly from: string; readonly to: string; readonly except: readonly string[] };
}

/** A coding agent that can be made to use the router. To add one: a file in `agents/`, and a line in its index. */
export interface Agent {
  readonly name: AgentName;
  /** `Claude Code` */
  readonly title: string;
  /** What it is started by. */
  readonly command: string;
  /** Its package at npm. */
  readonly npm: string;
  /** How its maker's models are called, with one to ask the router about. Best for it when it has to be given a name. */
  readonly ownModels: { readonly pattern: RegExp; readonly example: string };
  /** It has to be told a name; else it has one of its own. */
  readonly needsModel: boolean;
  /** By which its user may have chosen a model. */
  readonly modelVariable?: string;
  /** Without effects. Throws `Refusal` where the user's own settings cannot be read. */
  plan(given: Given): Plan;
}
