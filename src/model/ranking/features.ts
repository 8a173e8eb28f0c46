/**
 * Candidate features: one definition for training and serving.
 *
 * K candidates, G features, L history length. An affinity is the share of the
 * history's weight on interests that a candidate's group (cluster, kind, maker ...) holds, 0 to 1;
 * no history: 0. Nothing here reads a clock: the same history gives the same page.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { UNKNOWN_YEAR } from "../catalogue/catalogue.ts";
import type { TowerInput } from "../tower/history.ts";
import type { Scorer } from "../tower/scorer.ts";

/** In the order of the feature columns. */
export const FEATURE_NAMES = [
  /** See tower/scorer.ts. */
  "retrievalScore",
  /** ln(1 + the sum of the weights of the positive interactions in training). */
  "popularity",
  "clusterAffinity",
  "kindAffinity",
  "subcategoryAffinity",
  "makerAffinity",
  /** Mean over the candidate's themes. */
  "themeAffinity",
  /** The share of the dismissals' weight that the candidate's cluster holds. */
  "clusterAversion",
  /** ln(1 + L). */
  "historyLength",
  /** Popularity of those without a history matters more: popularity / (1 + L). */
  "popularityWhenNew",
  /** Centuries since the year 2000; unknown: 0. */
  "year",
  /** ln(1 + price); unknown: 0. */
  "price",
] as const;

/** What the features need of a bundle, the same in the worker and in training. */
export interface FeatureSource {
  readonly catalogue: Catalogue;
  /** shape [N]. */
  readonly clusterOf: Uint16Array;
}

type Shares = ReadonlyMap<number | string, number>;

/** A person as the features see one. */
export interface Profile {
  readonly scorer: Scorer;
  readonly historyLength: number;
  readonly cluster: Shares;
  readonly kind: Shares;
  readonly subcategory: Shares;
  readonly maker: Shares;
  readonly theme: Shares;
  readonly clusterAversion: Shares;
}

/** Weight by group, divided by the total weight. Code 0 and "" mean unknown and hold nothing. */
function shares(groups: Iterable<readonly [number | string, number]>, total: number): Shares {
  const sums = new Map<number | string, number>();
  for (const [group, weight] of groups) sums.set(group, (sums.get(group) ?? 0) + weight / total);
  return sums;
}

/** @param scorer the one of `input` */
export function profileOf(source: FeatureSource, input: TowerInput, scorer: Scorer): Profile {
  const { columns } = source.catalogue;
  const at = Array.from(input.rows, (row, l) => ({ row, weight: input.weights[l]!, target: input.targets[l]! }));
  const interests = at.filter(({ target }) => target === 1);
  const dismissals = at.filter(({ target }) => target === 0);
  const total = (events: typeof at): number => events.reduce((sum, { weight }) => sum + weight, 0);
  const interest = total(interests);
  const by = (group: (row: number) => number | string): Shares =>
    shares(
      interests.map(({ row, weight }) => [group(row), weight] as const).filter(([key]) => key !== "" && key !== -1),
      interest,
    );
  const known = (code: number): number => (code === 0 ? -1 : code);
  return {
    scorer,
    historyLength: interests.length,
    cluster: by((row) => source.clusterOf[row]!),
    kind: by((row) => known(columns.kind.codes[row]!)),
    subcategory: by((row) => known(columns.subcategory.codes[row]!)),
    maker: by((row) => columns.makers.at(row)),
    theme: shares(
      interests.flatMap(({ row, weight }) =>
        Array.from(columns.themes.codesAt(row), (code) => [code, weight] as const),
      ),
      interest,
    ),
    clusterAversion: shares(
      dismissals.map(({ row, weight }) => [source.clusterOf[row]!, weight] as const),
      total(dismissals),
    ),
  };
}

/**
 * @param rows shape [K]
 * @returns shape [K, G], row-major; no candidates: empty
 */
export function candidateFeatures(source: FeatureSource, profile: Profile, rows: ArrayLike<number>): Float32Array {
  const { columns } = source.catalogue;
  const size = FEATURE_NAMES.length;
  const features = new Float32Array(rows.length * size);
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k]!;
    const themes = columns.themes.codesAt(row);
    const themeSum = themes.reduce((sum, code) => sum + (profile.theme.get(code) ?? 0), 0);
    const popularity = Math.log1p(columns.popularity[row]!);
    const year = columns.year[row]!;
    const price = columns.price[row]!;
    features.set(
      [
        profile.scorer.at(row),
        popularity,
        profile.cluster.get(source.clusterOf[row]!) ?? 0,
        profile.kind.get(columns.kind.codes[row]!) ?? 0,
        profile.subcategory.get(columns.subcategory.codes[row]!) ?? 0,
        profile.maker.get(columns.makers.at(row)) ?? 0,
        themes.length === 0 ? 0 : themeSum / themes.length,
        profile.clusterAversion.get(source.clusterOf[row]!) ?? 0,
        Math.log1p(profile.historyLength),
        popularity / (1 + profile.historyLength),
        year === UNKNOWN_YEAR ? 0 : (year - 2000) / 100,
        Number.isNaN(price) ? 0 : Math.log1p(price),
      ],
      k * size,
    );
  }
  return features;
}
