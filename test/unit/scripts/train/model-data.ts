/** Tiny training data, written down row by row. */
import type { DatasetItems } from "../../../../scripts/import/dataset.ts";
import { buildInteractionMatrix } from "../../../../scripts/train/interaction-matrix.ts";
import type { InteractionMatrix } from "../../../../scripts/train/interaction-matrix.ts";
import type { ScoredHistory, TrainedModel, TrainingData } from "../../../../scripts/train/model.ts";
import { UNKNOWN_YEAR } from "../../../../src/model/catalogue/catalogue.ts";

/** Users x items; 0: no interaction. */
export function matrixOf(rows: readonly (readonly number[])[]): InteractionMatrix {
  const entries = rows.flatMap((row, user) => row.map((weight, item) => ({ user, item, weight })));
  const present = entries.filter(({ weight }) => weight > 0);
  return buildInteractionMatrix({
    users: rows.length,
    items: rows[0]!.length,
    userRows: Uint32Array.from(present, ({ user }) => user),
    itemRows: Uint32Array.from(present, ({ item }) => item),
    weights: Float32Array.from(present, ({ weight }) => weight),
  });
}

export function dataOf(matrix: InteractionMatrix, rest: Partial<TrainingData> = {}): TrainingData {
  return {
    matrix,
    values: null,
    sequences: null,
    items: itemsOf(Array.from({ length: matrix.items }, () => ({}))),
    ...rest,
  };
}

interface Item {
  readonly title?: string;
  readonly maker?: string;
  readonly kind?: string;
  readonly category?: string;
  readonly country?: string;
  readonly themes?: readonly string[];
  readonly year?: number;
}

export function itemsOf(items: readonly Item[]): DatasetItems {
  const texts = (value: (item: Item) => string | undefined): string[] => items.map((item) => value(item) ?? "");
  const none = texts(() => "");
  const unknown = items.map(() => NaN);
  return {
    ids: items.map((_, row) => String(row)),
    titles: texts(({ title }) => title),
    makers: texts(({ maker }) => maker),
    kind: texts(({ kind }) => kind),
    category: texts(({ category }) => category),
    subcategory: none,
    genreCode: none,
    language: none,
    country: texts(({ country }) => country),
    urls: none,
    themes: items.map(({ themes }) => themes ?? []),
    year: Int32Array.from(items, ({ year }) => year ?? UNKNOWN_YEAR),
    price: Float32Array.from(unknown),
    availableFrom: Float64Array.from(unknown),
    availableUntil: Float64Array.from(unknown),
    latitude: Float32Array.from(unknown),
    longitude: Float32Array.from(unknown),
  };
}

export function historyOf(
  rows: readonly number[],
  weights: readonly number[] = rows.map(() => 1),
  values: readonly number[] = rows.map(() => NaN),
): ScoredHistory {
  return { rows: Uint32Array.from(rows), weights: Float32Array.from(weights), values: Float32Array.from(values) };
}

export const EMPTY = historyOf([]);

/** The scores of N items; what was in the array before does not show. */
export function scoresOf(model: TrainedModel, history: ScoredHistory, items: number): number[] {
  const scores = new Float32Array(items).fill(9);
  model.score(history, scores);
  return [...scores];
}
