/** The same lists, measured on parts: of the people by their activity, of the targets by popularity and by kind. */
import { ndcgAt, recallAt } from "../../src/model/metrics/ranking-metrics.ts";
import { meanAndError } from "../../src/model/metrics/statistics.ts";
import type { Measurement } from "./evaluate.ts";
import { itemStatistics } from "./item-statistics.ts";
import type { Fold } from "./protocol.ts";

export interface SegmentRow {
  readonly by: "activity" | "popularity" | "kind";
  readonly segment: string;
  /** Those of the segment, or with a target of the segment. */
  readonly people: number;
  readonly targets: number;
  readonly ndcgAt100: number;
  readonly recallAt20: number;
  readonly se: { readonly ndcgAt100: number; readonly recallAt20: number };
}

/** Of all interactions: the most popular items that together have this share are the head, the last ones the tail. */
const HEAD_SHARE = 0.2;
const TAIL_SHARE = 0.2;

/** The targets of each person that belong to a segment; nobody else's list is measured there. */
type Segment = Pick<SegmentRow, "by" | "segment"> & {
  readonly targetsOf: (person: number) => ReadonlySet<number>;
};

/** Segments without a target are left out. */
export function segmentRows(fold: Fold, { lists }: Measurement): SegmentRow[] {
  return [...activity(fold), ...popularity(fold), ...kinds(fold)].flatMap(({ by, segment, targetsOf }) => {
    const ndcg: number[] = [];
    const recall: number[] = [];
    let targets = 0;
    lists.forEach((list, person) => {
      const own = targetsOf(person);
      if (own.size === 0) return;
      targets += own.size;
      ndcg.push(ndcgAt(list, own, 100));
      recall.push(recallAt(list, own, 20));
    });
    if (targets === 0) return [];
    const [{ mean: ndcgAt100, standardError }, ofRecall] = [meanAndError(ndcg), meanAndError(recall)];
    return {
      by,
      segment,
      people: ndcg.length,
      targets,
      ndcgAt100,
      recallAt20: ofRecall.mean,
      se: { ndcgAt100: standardError, recallAt20: ofRecall.standardError },
    };
  });
}

const NONE: ReadonlySet<number> = new Set();

/** Terciles of the length of the history; people with equal lengths stay together. */
function activity({ users }: Fold): Segment[] {
  const lengths = users.map(({ history }) => history.rows.length);
  const ascending = lengths.toSorted((a, b) => a - b);
  const bound = (share: number): number => ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? 0;
  const bounds = [0, bound(1 / 3), bound(2 / 3), Infinity];
  return ["low", "middle", "high"].map((name, at) => {
    const within = (length: number): boolean => length > bounds[at]! && length <= bounds[at + 1]!;
    const own = ascending.filter(within);
    return {
      by: "activity",
      segment: `${name}, ${own[0]} to ${own.at(-1)} items`,
      targetsOf: (person) => (within(lengths[person]!) ? users[person]!.targets : NONE),
    };
  });
}

/** By the interactions of the training; an item that nobody has is in the tail. */
function popularity({ data, users }: Fold): Segment[] {
  const { owners } = itemStatistics(data.matrix);
  const total = data.matrix.indices.length;
  const inOrder = Array.from(owners.keys()).toSorted((a, b) => owners[b]! - owners[a]! || a - b);
  const names = ["head", "middle", "tail"] as const;
  const segmentOf: (typeof names)[number][] = [];
  let before = 0;
  for (const item of inOrder) {
    segmentOf[item] = before < HEAD_SHARE * total ? "head" : before < (1 - TAIL_SHARE) * total ? "middle" : "tail";
    before += owners[item]!;
  }
  return names.map((segment) => ({
    by: "popularity",
    segment,
    targetsOf: (person) => filtered(users[person]!.targets, (item) => segmentOf[item] === segment),
  }));
}

function kinds({ data, users }: Fold): Segment[] {
  const { kind } = data.items;
  return [...new Set(kind)].toSorted().map((segment) => ({
    by: "kind",
    segment: segment || "unknown",
    targetsOf: (person) => filtered(users[person]!.targets, (item) => kind[item] === segment),
  }));
}

function filtered(targets: ReadonlySet<number>, keep: (item: number) => boolean): ReadonlySet<number> {
  return new Set([...targets].filter(keep));
}
