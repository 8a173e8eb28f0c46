/**
 * `npm run bench:new-items`: what a new item's vector is worth when 0, 1, 2, 4, 8 and 16 people have the item. `--data`
 * (a folder of AFFICHE_DATA, by default ../shared/data; ml-1m), `--people` (500), `--json`.
 *
 * A tenth of the items, drawn at random, is new. Of each new item's interactions, in a random order, the first 16 come
 * one after the other and the others are the targets, the same for every n. For every n iALS is fitted anew. The new
 * items are ranked against each other, as in the protocol cold-items, for people drawn at random.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { meanNdcg } from "../scripts/evaluate/evaluate.ts";
import { makeSplit } from "../scripts/evaluate/made-splits.ts";
import type { EvaluatedUser, Fold } from "../scripts/evaluate/protocol.ts";
import { readDataset, SPLIT_PARTS } from "../scripts/import/dataset.ts";
import type { Dataset } from "../scripts/import/dataset.ts";
import { reporter } from "../scripts/output.ts";
import { foldInModel } from "../scripts/train/factor-model.ts";
import { trainIalsModel } from "../scripts/train/ials.ts";
import { buildInteractionMatrix } from "../scripts/train/interaction-matrix.ts";
import { completeItemVectors, itemTowerEntry } from "../scripts/train/item-tower.ts";
import { seededRandom, shuffled } from "../scripts/train/random.ts";
import { withPool } from "../scripts/with-pool.ts";
import { DATA, measuredOn, runBench, SEED } from "./bench.ts";

const ARRIVALS = [0, 1, 2, 4, 8, 16];
const MOST = Math.max(...ARRIVALS);

type Pair = readonly [user: number, item: number];

/** The pairs of old items, those of new ones by the place at which they come (from 0), and who is measured on what. */
interface NewItems {
  readonly old: readonly Pair[];
  readonly arriving: readonly (readonly [pair: Pair, place: number])[];
  readonly people: readonly EvaluatedUser[];
  /** shape [N], 1 for a new item. */
  readonly isNew: Uint8Array;
}

function newItems(dataset: Dataset, wanted: number): NewItems {
  const { split } = makeSplit("cold-items", dataset, SEED);
  const random = seededRandom(SEED);
  const isNew = new Uint8Array(dataset.items.ids.length);
  const old: Pair[] = [];
  const ofNew = new Map<number, Pair[]>();
  for (let row = 0; row < split.user.length; row++) {
    const pair: Pair = [split.user[row]!, split.item[row]!];
    if (SPLIT_PARTS[split.part[row]!] !== "test_out") old.push(pair);
    else if (isNew[pair[1]] === 1) ofNew.get(pair[1])!.push(pair);
    else {
      isNew[pair[1]] = 1;
      ofNew.set(pair[1], [pair]);
    }
  }
  const inOrder = [...ofNew.values()].map((pairs) => shuffled(pairs, random));
  const arriving = inOrder.flatMap((pairs) => pairs.slice(0, MOST).map((pair, place) => [pair, place] as const));
  const itemsOf = (pairs: readonly Pair[]): Map<number, number[]> => {
    const items = new Map<number, number[]>();
    for (const [user, item] of pairs) {
      if (items.has(user)) items.get(user)!.push(item);
      else items.set(user, [item]);
    }
    return items;
  };
  const histories = itemsOf(old);
  const taken = itemsOf(arriving.map(([pair]) => pair));
  const targets = itemsOf(inOrder.flatMap((pairs) => pairs.slice(MOST)));
  const measured = shuffled(targets.keys(), random).filter((user) => histories.has(user));
  const people = measured.slice(0, wanted).map((user): EvaluatedUser => {
    const history = histories.get(user)!;
    // What is theirs already is no candidate; with weight 0 it tells nothing, whatever n.
    const rows = [...history, ...(taken.get(user) ?? [])];
    return {
      user,
      history: {
        rows: Uint32Array.from(rows),
        weights: Float32Array.from(rows, (_, at) => (at < history.length ? 1 : 0)),
        values: new Float32Array(rows.length).fill(NaN),
      },
      targets: new Set(targets.get(user)!),
    };
  });
  return { old, arriving, people, isNew };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: "string", default: "ml-1m" },
      people: { type: "string", default: "500" },
      json: { type: "boolean", default: false },
    },
  });
  const wanted = Number(values.people);
  if (!Number.isSafeInteger(wanted) || wanted < 1) throw new Error(`--people ${values.people}: expected 1, 2, 3 ...`);
  const out = reporter(values.json);
  const dataset = await readDataset(join(DATA, values.data), { maxBadRows: 0, log: out.log, progress: out.progress });
  const { old, arriving, people, isNew } = newItems(dataset, wanted);
  const { items } = dataset;
  const params = itemTowerEntry.defaults;
  let current = "";
  const rows: { n: number; ials: number; content: number; blend: number; itemTower: number }[] = [];
  await withPool(
    out,
    () => current,
    async (pool) => {
      let content = 0;
      for (const n of ARRIVALS) {
        current = `${n} interactions`;
        const pairs = [...old, ...arriving.filter(([, place]) => place < n).map(([pair]) => pair)];
        const matrix = buildInteractionMatrix({
          users: dataset.users.length,
          items: items.ids.length,
          userRows: Uint32Array.from(pairs, ([user]) => user),
          itemRows: Uint32Array.from(pairs, ([, item]) => item),
          weights: new Float32Array(pairs.length).fill(1),
        });
        const fold: Fold = {
          data: { matrix, values: null, sequences: null, items },
          users: people,
          candidates: isNew,
          tieOrder: Uint32Array.from(shuffled(isNew.keys(), seededRandom(SEED))),
        };
        const { factors } = await trainIalsModel(matrix, params, pool);
        const measured = (vectors: Float32Array): Promise<number> =>
          meanNdcg(foldInModel("new items", params, 0, vectors), fold, pool);
        const completed = (trust: number): Promise<Float32Array> =>
          completeItemVectors(items, matrix, factors.itemVectors, { ...params, trust }, pool);
        const itemTower = await measured(await completed(params.trust));
        if (n === 0) content = itemTower;
        const ials = await measured(factors.itemVectors);
        // Trusted without limit, the content is corrected by nothing: s z + (1 - s) c.
        const blend = await measured(await completed(1e9));
        rows.push({ n, ials, content, blend, itemTower });
      }
    },
  );
  const newCount = isNew.reduce((sum, flag) => sum + flag, 0);
  const measuring = measuredOn();
  const three = (value: number): string => value.toFixed(3).replace(/^0/, "").padStart(10);
  out.result(
    { data: values.data, people: people.length, newItems: newCount, params, rows, ...measuring },
    [
      `${values.data}: ${newCount} new items, NDCG@100 of ${people.length} people by the interactions n of each`,
      ["         n", "      iALS", "   content", "     blend", "item tower"].join(" "),
      ...rows.map(({ n, ials, content, blend, itemTower }) =>
        [String(n).padStart(10), ...[ials, content, blend, itemTower].map(three)].join(" "),
      ),
      `${measuring.machine}, ${measuring.date}`,
    ].join("\n"),
  );
}

await runBench(main);
