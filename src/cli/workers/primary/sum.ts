import type { Totals } from "../../../server/company.ts";
import type { Stand } from "../messages.ts";
import type { Member } from "./member.ts";

const NOTHING: Totals = {
  connections: 0,
  rejected: { malformed: 0, bad_key: 0, foreign_page: 0, stopping: 0 },
  refused: 0,
  lost: 0,
  cpuSeconds: 0,
  residentBytes: 0,
  heapBytes: 0,
  heapLimitBytes: 0,
};

/** What all processes come to. What was counted in one that is gone still counts. */
export class Sum {
  readonly #members: ReadonlySet<Member>;
  #gone = NOTHING;

  constructor(members: ReadonlySet<Member>) {
    this.#members = members;
  }

  stands(member: Member, { totals, log }: Stand): void {
    member.totals = totals;
    member.log = log;
  }

  gone({ totals }: Member): void {
    if (totals)
      this.#gone = plus(this.#gone, {
        ...totals,
        connections: 0,
        residentBytes: 0,
        heapBytes: 0,
        heapLimitBytes: 0,
      });
  }

  /** `own`: of this process, whose connections and refusals are the others' as well. */
  totals(own: Totals): Totals {
    const { cpuSeconds, residentBytes, heapBytes, heapLimitBytes } = own;
    const here = { ...NOTHING, cpuSeconds, residentBytes, heapBytes, heapLimitBytes };
    return [...this.#members].reduce((sum, { totals = NOTHING }) => plus(sum, totals), plus(this.#gone, here));
  }
}

function plus(one: Totals, other: Totals): Totals {
  const { rejected } = other;
  return {
    connections: one.connections + other.connections,
    rejected: {
      malformed: one.rejected.malformed + rejected.malformed,
      bad_key: one.rejected.bad_key + rejected.bad_key,
      foreign_page: one.rejected.foreign_page + rejected.foreign_page,
      stopping: one.rejected.stopping + rejected.stopping,
    },
    refused: one.refused + other.refused,
    lost: one.lost + other.lost,
    cpuSeconds: one.cpuSeconds + other.cpuSeconds,
    residentBytes: one.residentBytes + other.residentBytes,
    heapBytes: one.heapBytes + other.heapBytes,
    heapLimitBytes: one.heapLimitBytes + other.heapLimitBytes,
  };
}
