/**
 * The whole query: history -> user tower -> retrieval -> filter -> ranking -> slate -> shelves.
 */
import type { Bundle } from "../model/bundle/bundle.ts";
import type { Availability } from "../model/catalogue/availability.ts";
import { RETRIEVAL, SLATE } from "../model/config.ts";
import type {
  HomePage,
  OfferPage,
  Reason,
  Shelf,
  ShelfItem,
  ShelfPage,
  ShelfRequest,
  ShelfTopic,
  StageTimings,
} from "../model/contract.ts";
import type { EventKind, Interaction } from "../model/interactions/interaction.ts";
import { candidateFeatures, FEATURE_NAMES, profileOf } from "../model/ranking/features.ts";
import type { FeatureSource, Profile } from "../model/ranking/features.ts";
import { rank } from "../model/ranking/ranker.ts";
import { rowsToScan, scoredRows } from "../model/retrieval/personal.ts";
import { dequantiseRows } from "../model/retrieval/quantise.ts";
import { allowsRow, rowFilter, withoutRows } from "../model/retrieval/row-filter.ts";
import type { RowFilter } from "../model/retrieval/row-filter.ts";
import { composeHome, dealForYou } from "../model/slate/home.ts";
import { explainerOf } from "../model/slate/reasons.ts";
import type { Explainer } from "../model/slate/reasons.ts";
import { byContent, byCosine } from "../model/slate/similar.ts";
import { firstOf } from "../model/slate/standing-lists.ts";
import type { StandingLists } from "../model/slate/standing-lists.ts";
import { towerEvents, towerInput } from "../model/tower/history.ts";
import type { TowerInput } from "../model/tower/history.ts";
import { scorerOf } from "../model/tower/scorer.ts";
import type { ScoringModel } from "../model/tower/scorer.ts";
import { foldInTower } from "../model/tower/user-tower.ts";
import type { Compute } from "./compute.ts";

/** A bundle with what is derived from it once. */
export interface Loaded {
  readonly bundle: Bundle;
  readonly source: FeatureSource;
  readonly scoring: ScoringModel;
  readonly lists: StandingLists;
  readonly availability: Availability;
}

/** What one request may use. `checkpoint` throws CANCELLED once the request is no longer wanted. */
export interface QueryContext {
  readonly loaded: Loaded;
  readonly compute: Compute;
  readonly history: readonly Interaction[];
  readonly nowMs: number;
  readonly checkpoint: () => void;
}

/** Interests from which on a second one has a shelf of its own. */
const SECOND_BECAUSE_FROM = 4;

export async function homePage(context: QueryContext): Promise<HomePage> {
  const { loaded, history, checkpoint } = context;
  const clock = stopwatch();
  const person = await meet(context);
  clock.lap("towerMs");
  checkpoint();

  const { lists } = loaded;
  const filter = proposable(context);
  const allowed = (row: number): boolean => allowsRow(filter, row);
  const personal = await retrievePersonal(context, person, RETRIEVAL.personal, filter);
  const leads = leadsOf(loaded, person.input);
  const nearestOfLeads = await nearest(context, leads, RETRIEVAL.similar, filter);
  const becauseOf = leads.map((row, at) => ({ row, nearest: nearestOfLeads[at]! }));
  const merged = [
    ...personal,
    ...lists.popular.slice(0, RETRIEVAL.popular),
    ...lists.recent.slice(0, RETRIEVAL.recent),
  ];
  const candidates = [...new Set(merged)].filter(allowed);
  clock.lap("retrievalMs");
  checkpoint();

  const ranked = rankedFor(loaded, person.profile, candidates);
  clock.lap("rankingMs");
  checkpoint();

  const shelves = composeHome({
    ranked,
    becauseOf,
    allowed,
    ...slateSource(loaded),
    favouriteGroups: favouriteGroups(lists, person.input),
    profile: person.profile,
  });
  const newestEvent = newestEvents(loaded, history);
  const present = presenter(loaded, person, newestEvent);
  const shown = shelves.map(({ topic, rows }): Shelf => {
    const shelfTopic: ShelfTopic =
      topic.type === "because" ? { type: "because", ...naming(loaded, newestEvent, topic.row) } : topic;
    return { key: keyOf(shelfTopic), topic: shelfTopic, items: present(rows, shelfTopic) };
  });
  clock.lap("slateMs");
  return { shelves: shown, historyLength: person.profile.historyLength, timings: clock.timings() };
}

/** @param row the offer's row */
export async function offerPage(context: QueryContext, row: number): Promise<OfferPage> {
  const { loaded, history, checkpoint } = context;
  const clock = stopwatch();
  const person = await meet(context);
  clock.lap("towerMs");
  checkpoint();
  const [similar] = await nearest(context, [row], RETRIEVAL.similar, proposable(context));
  const rows = similar!.slice(0, SLATE.similar);
  clock.lap("retrievalMs");
  checkpoint();
  const item = loaded.source.catalogue.card(row, loaded.source.clusterOf[row]!);
  const topic = { type: "similar", itemId: item.id, title: item.title } as const;
  const items = presenter(loaded, person, newestEvents(loaded, history))(rows, topic);
  clock.lap("slateMs");
  return {
    item,
    events: history.filter(({ itemId }) => itemId === item.id),
    shelves: items.length === 0 ? [] : [{ key: keyOf(topic), topic, items }],
    timings: clock.timings(),
  };
}

/** One shelf, for the page of another site: what resembles an item, or what suits the person. */
export async function shelfPage(context: QueryContext, { itemId, kind, limit }: ShelfRequest): Promise<ShelfPage> {
  const { loaded, history, checkpoint } = context;
  const { catalogue } = loaded.bundle;
  const { lists } = loaded;
  const clock = stopwatch();
  const item = itemId === null ? null : catalogue.requireRow(itemId);
  const person = await meet(context);
  clock.lap("towerMs");
  checkpoint();

  const open = proposable(context);
  const filter =
    kind === null ? open : rowFilter(catalogue.count, (row) => allowsRow(open, row) && lists.groupOf(row) === kind);
  const found =
    item === null
      ? [
          ...(await retrievePersonal(context, person, RETRIEVAL.personal, filter)),
          ...firstOf(lists.popular, RETRIEVAL.personal, (row) => allowsRow(filter, row)),
        ]
      : (await nearest(context, [item], RETRIEVAL.similar, filter))[0]!;
  const candidates = [...new Set(found)].slice(0, RETRIEVAL.personal);
  clock.lap("retrievalMs");
  checkpoint();

  const ranked = item === null ? rankedFor(loaded, person.profile, candidates) : candidates;
  clock.lap("rankingMs");
  checkpoint();

  const rows = item === null ? dealForYou(ranked, { ...slateSource(loaded), profile: person.profile }) : ranked;
  const topic = shelfTopic(loaded, item, kind);
  const items = presenter(loaded, person, newestEvents(loaded, history))(rows.slice(0, limit), topic);
  clock.lap("slateMs");
  return { shelf: items.length === 0 ? null : { key: keyOf(topic), topic, items }, timings: clock.timings() };
}

function shelfTopic({ bundle }: Loaded, item: number | null, kind: string | null): ShelfTopic {
  if (item === null) return kind === null ? { type: "for-you" } : { type: "kind", kind };
  const { ids, titles } = bundle.catalogue.columns;
  return { type: "similar", itemId: ids.at(item), title: titles.at(item) };
}

interface Person {
  readonly input: TowerInput;
  /** shape [D]; zeros without a history. */
  readonly user: Float32Array;
  readonly profile: Profile;
  readonly explainer: Explainer;
}

/** The user tower, and what later stages read off the same history. */
async function meet({ loaded, compute, history }: QueryContext): Promise<Person> {
  const { bundle, source, scoring } = loaded;
  const { dimensions } = bundle.items;
  const input = towerInput(
    towerEvents(history, (id) => bundle.catalogue.rowOf(id)),
    bundle.tower,
  );
  const vectors = dequantiseRows(bundle.items, input.rows);
  const steps = bundle.tower.conjugateGradientSteps;
  const { user, dotProducts } = await compute.run(async ({ dotProducts }) => ({
    user: await foldInTower(vectors, input.weights, input.targets, dimensions, steps),
    dotProducts,
  }));
  return {
    input,
    user,
    profile: profileOf(source, input, scorerOf(scoring, user, input, dotProducts)),
    explainer: explainerOf(scoring, input),
  };
}

/** What may be proposed: not seen, not dismissed, available. */
function proposable({ loaded, history, nowMs }: QueryContext): RowFilter {
  const { catalogue } = loaded.bundle;
  const seen = history.filter(({ event }) => event !== "view").map(({ itemId }) => catalogue.rowOf(itemId));
  return withoutRows(loaded.availability.at(nowMs / 1000), seen);
}

/** The K best rows for the person, best first; none without a history. */
async function retrievePersonal(
  context: QueryContext,
  { user, profile }: Person,
  k: number,
  filter: RowFilter,
): Promise<number[]> {
  const scan = rowsToScan(context.loaded.scoring, k);
  const [scanned] = scan === 0 ? [null] : await retrieve(context, [user], scan, filter);
  return Array.from(scoredRows(profile.scorer, scanned!, k, filter).rows);
}

/** The K best rows of each query; the zero vector scores every item alike: it has nothing to retrieve. */
async function retrieve(
  { compute }: QueryContext,
  queries: readonly Float32Array[],
  k: number,
  filter: RowFilter,
): Promise<number[][]> {
  const asked = queries.filter((query) => query.some((value) => value !== 0));
  const found = await compute.run((retriever) => retriever.search(asked, k, filter));
  return queries.map((query) => Array.from(found[asked.indexOf(query)]?.rows ?? []));
}

/** The K rows nearest to each of some items, nearest first, without itself. */
async function nearest(
  context: QueryContext,
  rows: readonly number[],
  k: number,
  filter: RowFilter,
): Promise<number[][]> {
  const { catalogue, items } = context.loaded.bundle;
  const queries = rows.map((row) => dequantiseRows(items, [row]));
  const found = await retrieve(context, queries, k + 1, filter);
  return rows.map((row, at) => {
    if (queries[at]!.every((value) => value === 0)) {
      return byContent(catalogue, row)
        .filter((other) => allowsRow(filter, other))
        .slice(0, k);
    }
    const others = found[at]!.filter((other) => other !== row).slice(0, k);
    return byCosine(items, row, others);
  });
}

/** P(click) + P(booking); without a ranker the retrieval score, and popularity for those without a history. */
function score({ bundle, source }: Loaded, profile: Profile, rows: readonly number[]): Map<number, number> {
  const features = candidateFeatures(source, profile, rows);
  if (bundle.ranker) {
    const { click, booking } = rank(bundle.ranker, features);
    return new Map(rows.map((row, k) => [row, click[k]! + booking[k]!]));
  }
  const column = FEATURE_NAMES.indexOf(profile.historyLength === 0 ? "popularity" : "retrievalScore");
  return new Map(rows.map((row, k) => [row, features[k * FEATURE_NAMES.length + column]!]));
}

/** Candidates by their score, best first. */
function rankedFor(loaded: Loaded, profile: Profile, candidates: readonly number[]): number[] {
  const scores = score(loaded, profile, candidates);
  return candidates.toSorted((a, b) => scores.get(b)! - scores.get(a)! || a - b);
}

/** What re-ranking reads off the bundle. */
function slateSource({ lists, source }: Loaded) {
  return {
    lists,
    clusterOf: source.clusterOf,
    themesOf: (row: number) => Array.from(source.catalogue.columns.themes.codesAt(row)),
  };
}

/** The newest interest, and the newest of another cluster once the history is long enough. */
function leadsOf({ source }: Loaded, input: TowerInput): number[] {
  const newestFirst = Array.from(input.rows)
    .filter((_, l) => input.targets[l] === 1)
    .toReversed();
  const leads = newestFirst.slice(0, 1);
  if (newestFirst.length < SECOND_BECAUSE_FROM) return leads;
  const other = newestFirst.find((row) => source.clusterOf[row] !== source.clusterOf[leads[0]!]);
  return other === undefined ? leads : [...leads, other];
}

/** Kinds of the interests by their weight, strongest first. */
function favouriteGroups({ groupOf }: StandingLists, input: TowerInput): string[] {
  const weights = new Map<string, number>();
  input.rows.forEach((row, l) => {
    const group = groupOf(row);
    if (group !== "" && input.targets[l] === 1) weights.set(group, (weights.get(group) ?? 0) + input.weights[l]!);
  });
  return [...weights].toSorted((a, b) => b[1] - a[1]).map(([group]) => group);
}

/** The newest event of interest by row; it words the reason. */
function newestEvents({ bundle }: Loaded, history: readonly Interaction[]): Map<number, EventKind> {
  return new Map(history.map(({ itemId, event }) => [bundle.catalogue.rowOf(itemId), event]));
}

function naming(
  { bundle }: Loaded,
  newestEvent: ReadonlyMap<number, EventKind>,
  row: number,
): { itemId: string; title: string; event: EventKind } {
  const { columns } = bundle.catalogue;
  return { itemId: columns.ids.at(row), title: columns.titles.at(row), event: newestEvent.get(row) ?? "click" };
}

/** See {@link Shelf}. */
function keyOf(topic: ShelfTopic): string {
  if (topic.type === "kind") return `kind:${topic.kind}`;
  return "itemId" in topic ? `${topic.type}:${topic.itemId}` : topic.type;
}

/** Rows as the interface shows them, each with its reason and its probabilities. */
function presenter(
  loaded: Loaded,
  person: Person,
  newestEvent: ReadonlyMap<number, EventKind>,
): (rows: readonly number[], topic: ShelfTopic) => ShelfItem[] {
  const { bundle, source } = loaded;
  const reasonOf = (shown: number, topic: ShelfTopic): Reason => {
    if (topic.type !== "for-you" && topic.type !== "kind") return topic;
    const row = person.explainer.strongest(shown);
    return row < 0 ? { type: "popular" } : { type: "because", ...naming(loaded, newestEvent, row) };
  };
  return (rows, topic) => {
    const ranks = bundle.ranker && rank(bundle.ranker, candidateFeatures(source, person.profile, rows));
    return rows.map((row, k) => ({
      item: bundle.catalogue.card(row, source.clusterOf[row]!),
      reason: reasonOf(row, topic),
      probabilities: ranks && { click: ranks.click[k]!, booking: ranks.booking[k]! },
    }));
  };
}

interface Stopwatch {
  lap(stage: Exclude<keyof StageTimings, "totalMs">): void;
  timings(): StageTimings;
}

function stopwatch(): Stopwatch {
  const start = performance.now();
  let last = start;
  const laps = { towerMs: 0, retrievalMs: 0, rankingMs: 0, slateMs: 0 };
  return {
    lap(stage) {
      const now = performance.now();
      laps[stage] += now - last;
      last = now;
    },
    timings: () => ({ ...laps, totalMs: last - start }),
  };
}
