import type { Conversation } from "./example.ts";

/** What programmers ask of agents in their terminals: with tools that read, search and run. */
const agent: readonly Conversation[] = [
  [
    {
      to: "The date on the invoice page is off by one day for users in Auckland. Find out why.",
      think:
        "An off-by-one in the date that depends on the time zone: most likely a date parsed as UTC. I should search.",
      call: { search_files: { pattern: "toLocaleDateString|new Date\\(", path: "src/invoice" } },
      results: {
        search_files:
          "src/invoice/header.ts:41:  const due = new Date(invoice.dueOn);\nsrc/invoice/header.ts:42:  return due.toLocaleDateString(locale, { timeZone: 'UTC' });\nsrc/invoice/list.ts:17:  new Date(row.issuedOn + 'T00:00:00')",
      },
      say: "`src/invoice/header.ts:41` parses `dueOn` (a plain date such as `2026-03-01`) with `new Date()`, which reads it as midnight UTC, while `src/invoice/list.ts:17` reads the same kind of value as local midnight. In Auckland the two are up to 13 hours apart, so the header shows one day and the list another.\n\nThe value has no time of day, so it should never become an instant. I would keep it a plain date and format it with `Temporal.PlainDate.from(invoice.dueOn).toLocaleString(locale)` in both places. Shall I make the change and add a test that runs under `TZ=Pacific/Auckland`?",
    },
    {
      to: "Yes, change both places and add that test.",
      call: { run_command: { command: "TZ=Pacific/Auckland npm test -- invoice" } },
      results: {
        run_command:
          "ok 1 - due date is the same day in Auckland, London and Honolulu\nok 2 - list and header agree\n# pass 2",
      },
      say: "Done. Both places now format a plain date, and the new test renders the page under three time zones (Auckland, London, Honolulu) and expects the same day in each. It failed before the change and passes now.\n\nTwo callers still pass a full timestamp in `dueOn`; they only worked by accident. I left them alone and noted them in the description of the change.",
    },
  ],
  [
    {
      to: "The checkout tests fail about one time in ten on CI, never here. What is going on?",
      think:
        "A flaky test that depends on the machine: time, order or ports. Let me read the test and its last failures.",
      call: {
        read_file: { path: "test/checkout.test.ts" },
        run_command: { command: "git log -3 --format=%s -- test/checkout.test.ts" },
      },
      results: {
        read_file:
          "test('a card is charged once', async () => {\n  const server = await listen(4010);\n  await pay(server);\n  await sleep(50);\n  assert.equal(server.charges, 1);\n});",
        run_command: "Wait a little for the webhook\nUse a fixed port in tests\nCheckout: charge once",
      },
      say: "Two reasons, and both only show on a busy machine:\n\n1. `sleep(50)` waits for the webhook. On CI it sometimes takes 80 ms, and `charges` is still 0.\n2. Port 4010 is fixed. When two jobs share a runner the second cannot listen.\n\nI suggest `listen(0)` with the port the system chooses, and waiting for the webhook itself (`await once(server, 'charged')`) instead of for a time. Then the test says what it means, and runs faster too.",
    },
    {
      to: "Good. Do the same for every test that sleeps.",
      call: { search_files: { pattern: "sleep\\(", path: "test" } },
      results: { search_files: "test/refund.test.ts:22\ntest/cart.test.ts:57\ntest/cart.test.ts:91" },
      say: "There were three more: one in `refund.test.ts` and two in `cart.test.ts`. Each now waits for the event it is about. The suite went from 9.4 s to 3.1 s, and I ran it 200 times under load without a failure.",
    },
  ],
  [
    {
      to: "Add a --dry-run flag to the import command. It should print what would change and touch nothing.",
      call: { read_file: { path: "src/commands/import.ts" } },
      results: {
        read_file:
          "export async function importRows(file: string, db: Database) {\n  for await (const row of parse(file)) await db.upsert(row);\n}",
      },
      say: "The command reads and writes in one loop, so I split it: `planImport` compares the rows with the table and returns a list of inserts and updates, `applyImport` writes such a list. `--dry-run` prints the plan and stops; without it the plan is applied in one transaction.\n\n```\n$ app import people.csv --dry-run\n  + 12 new\n  ~  3 changed (#41 e-mail, #77 name, #90 name)\n  = 806 as they are\nNothing was written.\n```\n\nA side effect worth having: an import that fails half way no longer leaves half of the rows behind.",
    },
  ],
];

/** Short questions about code, in a chat window. */
const questions: readonly Conversation[] = [
  [
    {
      to: "What does this regex match: ^(?:\\d{1,3}\\.){3}\\d{1,3}$ ?",
      say: "Four groups of one to three digits with dots between them: the shape of an IPv4 address. It also takes 999.999.999.999, since it looks at the shape alone. If the numbers matter, split at the dots and check that each is at most 255; in Node, `net.isIPv4(text)` does exactly that.",
    },
  ],
  [
    {
      to: "Write a function that groups a list of orders by customer, in TypeScript.",
      say: "```ts\nexport function byCustomer(orders: readonly Order[]): Map<string, Order[]> {\n  return Map.groupBy(orders, (order) => order.customerId);\n}\n```\n\n`Map.groupBy` is part of the language since ES2024. It keeps the orders of each customer in the order in which they came, and a `Map` is safe for ids that look like property names of objects.",
    },
    {
      to: "And if I need the sum of each customer's orders instead?",
      say: "```ts\nexport function totals(orders: readonly Order[]): Map<string, number> {\n  const sums = new Map<string, number>();\n  for (const { customerId, cents } of orders) sums.set(customerId, (sums.get(customerId) ?? 0) + cents);\n  return sums;\n}\n```\n\nOne pass, no lists in between. Count in cents: sums of fractions drift.",
    },
  ],
  [
    {
      to: "Why does this stack trace say 'Cannot read properties of undefined (reading length)'?",
      say: "Something you expected to be a string or a list was `undefined` when `.length` was read. The first line of the trace that is in your own code says where. The usual causes: an optional field of an API that was not sent, a function with a path that returns nothing, or a list read before it was loaded. Decide there what an absent value means, instead of writing `?.` until it is silent.",
    },
  ],
  [
    {
      to: "Explain this SQL: SELECT dept, count(*) FROM staff GROUP BY dept HAVING count(*) > 5",
      say: "It counts the rows of `staff` for each department and keeps the departments with more than five. `WHERE` would choose rows before they are grouped; `HAVING` chooses groups afterwards, which is why the count may stand there.",
    },
  ],
  [
    {
      to: "Does this compile: const xs: readonly number[] = [3, 1, 2]; xs.sort();",
      say: "No. `sort` changes the array in place, so a `readonly number[]` does not have it. `xs.toSorted()` returns a sorted copy and is what you want here.",
    },
  ],
];

export const CODING = { agent, questions };
