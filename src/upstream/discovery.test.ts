import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { testProvider } from "../../test/support/provider.ts";
import { systemClock } from "../core/clock.ts";
import type { Json } from "../core/json.ts";
import type { RequestJson } from "./discover-models.ts";
import { Discovery } from "./discovery.ts";
import { Fleet } from "./provider.ts";

type Answers = Record<string, Json | number | Error>;

/** A fake of the client: answers by `provider METHOD path [model]`; a number is a status, an error is thrown. */
function fake(answers: Answers) {
  const asked: string[] = [];
  let inFlight = 0;
  const seen = { asked, most: 0 };
  const request: RequestJson = async (provider, { method, path, body }) => {
    const model = body === undefined ? "" : ` ${JSON.parse(body).model}`;
    const key = `${provider.name} ${method} ${path}${model}`;
    asked.push(key);
    seen.most = Math.max(seen.most, ++inFlight);
    await new Promise((resolve) => setImmediate(resolve));
    inFlight--;
    const answer = answers[key] ?? 404;
    if (answer instanceof Error) throw answer;
    return typeof answer === "number" ? { status: answer, body: {} } : { status: 200, body: answer };
  };
  return { seen, request };
}

function setUp(fleet: Fleet, answers: Answers, refreshMs = 60_000) {
  const { seen, request } = fake(answers);
  const lines: string[] = [];
  const log = (level: string, line: string) => {
    if (level !== "debug") lines.push(`${level}: ${line}`);
  };
  const clock = { ...systemClock, nowMs: () => 42 };
  return { seen, lines, discovery: new Discovery(fleet, request, { refreshMs, clock, random: () => 0.5, log }) };
}

const names = (fleet: Fleet, name: string) => [...(fleet.get(name)?.models.keys() ?? [])];

describe("each format is asked its own way", () => {
  const fleet = new Fleet([
    testProvider({ name: "o" }, { dialect: "openai" }),
    testProvider({ name: "r" }, { dialect: "openai-responses" }),
    testProvider({ name: "a" }, { dialect: "anthropic" }),
    testProvider({ name: "g" }, { dialect: "gemini" }),
    testProvider({ name: "s", models: ["one", "two"] }, { dialect: "simulated" }),
  ]);

  test("and its list replaces the old one", async () => {
    const { discovery, lines } = setUp(fleet, {
      "o GET /models": { data: [{ id: "gpt" }, { id: "models/gemini-9" }] },
      "r GET /models": { data: [{ id: "gpt-r" }] },
      "g GET /models?pageSize=1000": { models: [{ name: "models/gemini-a" }], nextPageToken: "p/2" },
      "g GET /models?pageSize=1000&pageToken=p%2F2": { models: [{ name: "models/gemini-b" }] },
      "a GET /models?limit=1000": { data: [{ id: "claude", display_name: "C" }] },
    });
    await discovery.refresh();
    assert.deepEqual(names(fleet, "o"), ["gpt", "gemini-9"]);
    assert.deepEqual(names(fleet, "r"), ["gpt-r"]);
    assert.deepEqual(names(fleet, "a"), ["claude"]);
    assert.deepEqual(names(fleet, "g"), ["gemini-a", "gemini-b"]);
    assert.deepEqual(names(fleet, "s"), ["one", "two"]);
    assert.equal(fleet.get("o")?.discoveredAt, 42);
    assert.deepEqual(lines, []);
  });
});

describe("ollama", () => {
  const tag = (name: string, digest: string) => ({ name, model: name, digest });
  const vision = { capabilities: ["completion", "vision"], model_info: {} };

  test("asks what each model can do, once per build", async () => {
    const fleet = new Fleet([testProvider({ name: "l" }, { dialect: "ollama" })]);
    const answers: Answers = {
      "l GET /api/tags": { models: [tag("llava:7b", "d1"), tag("codellama:latest", "d2"), tag("shy", "d3")] },
      "l POST /api/show llava:7b": vision,
      "l POST /api/show codellama:latest": { capabilities: ["completion"] },
    };
    const { discovery, seen } = setUp(fleet, answers);
    await discovery.refresh();
    const models = fleet.get("l")?.models;
    assert.deepEqual([...(models?.get("llava:7b")?.capabilities ?? [])], ["completion", "vision"]);
    assert.deepEqual([...(models?.get("codellama:latest")?.capabilities ?? [])], ["completion", "coding"]);
    assert.equal(models?.get("shy")?.capabilities, undefined);

    seen.asked.length = 0;
    answers["l GET /api/tags"] = { models: [tag("llava:7b", "NEW"), tag("codellama:latest", "d2"), tag("shy", "d3")] };
    await discovery.refresh();
    assert.deepEqual(seen.asked, ["l GET /api/tags", "l POST /api/show llava:7b", "l POST /api/show shy"]);
    assert.deepEqual(
      [...(fleet.get("l")?.models.get("codellama:latest")?.capabilities ?? [])],
      ["completion", "coding"],
    );
  });

  test("a new build that will not say is unknown, not what the old one was", async () => {
    const fleet = new Fleet([testProvider({ name: "l" }, { dialect: "ollama" })]);
    const answers: Answers = { "l GET /api/tags": { models: [tag("m", "1")] }, "l POST /api/show m": vision };
    const { discovery } = setUp(fleet, answers);
    await discovery.refresh();
    answers["l GET /api/tags"] = { models: [tag("m", "2")] };
    answers["l POST /api/show m"] = new Error("busy");
    await discovery.refresh();
    assert.equal(fleet.get("l")?.models.get("m")?.capabilities, undefined);
  });

  test("at most four questions at a time", async () => {
    const fleet = new Fleet([testProvider({ name: "l" }, { dialect: "ollama" })]);
    const models = Array.from({ length: 20 }, (_, index) => tag(`m${index}`, `${index}`));
    const { discovery, seen } = setUp(fleet, { "l GET /api/tags": { models } });
    await discovery.refresh();
    assert.equal(seen.asked.length, 21);
    assert.equal(seen.most, 4);
  });
});

test("failure keeps the old list, and is told of once until it is over", async () => {
  const fleet = new Fleet([testProvider({ name: "o" })]);
  const answers: Answers = { "o GET /models": { data: [{ id: "gpt" }] } };
  const { discovery, lines } = setUp(fleet, answers);
  await discovery.refresh();
  for (const failure of [401, new Error("no connection"), 500]) {
    answers["o GET /models"] = failure;
    await discovery.refresh();
    assert.deepEqual(names(fleet, "o"), ["gpt"]);
  }
  answers["o GET /models"] = { data: [] };
  await discovery.refresh();
  assert.deepEqual(names(fleet, "o"), []);
  assert.deepEqual(lines, [
    "warn: provider o does not list its models: status 401; what it listed before still counts",
    "info: provider o lists its models again",
  ]);
});

test("looks do not overlap, and ready waits no longer than told", async () => {
  const fleet = new Fleet([testProvider({ name: "o" })]);
  let asked = 0;
  const never: RequestJson = () => {
    asked++;
    return new Promise(() => undefined);
  };
  const clock = new FakeClock();
  const discovery = new Discovery(fleet, never, { refreshMs: 1, clock, log: () => undefined });
  discovery.start();
  await discovery.ready(20);
  void discovery.refresh();
  assert.equal(asked, 1);
  discovery.stop();
});

test("looks again every so often, until stopped", async () => {
  const fleet = new Fleet([testProvider({ name: "o" })]);
  const { discovery, seen } = setUp(fleet, { "o GET /models": { data: [] } }, 5);
  discovery.start();
  await new Promise((resolve) => setTimeout(resolve, 100));
  discovery.stop();
  const asked = seen.asked.length;
  assert.ok(asked >= 3, `${asked}`);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(seen.asked.length, asked);
});

test("another fleet: only those never asked are asked at once, and from then on its own are", async () => {
  const kept = testProvider({ name: "kept" });
  const gone = testProvider({ name: "gone" });
  const added = testProvider({ name: "new" });
  const { discovery, seen } = setUp(new Fleet([kept, gone]), { "new GET /models": { data: [{ id: "m" }] } });
  await discovery.refresh();
  seen.asked.length = 0;
  const fleet = new Fleet([kept, added]);
  await discovery.meet(fleet, 10_000);
  assert.deepEqual(seen.asked, ["new GET /models"]);
  assert.deepEqual(names(fleet, "new"), ["m"]);
  discovery.follow(fleet, 60_000);
  await discovery.refresh();
  assert.deepEqual(seen.asked.slice(1), ["kept GET /models", "new GET /models"]);
});
