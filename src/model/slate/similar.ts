/**
 * Similar offers: what stands beside one item.
 *
 * D embedding size, K candidates.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { dequantiseRows } from "../retrieval/quantise.ts";
import type { QuantisedItems } from "../retrieval/quantise.ts";

/**
 * Candidates by cosine with the item, highest first: the dot product that found them favours what
 * is popular with everybody, the angle does not.
 */
export function byCosine(items: QuantisedItems, itemRow: number, candidates: readonly number[]): number[] {
  const { dimensions } = items;
  const item = dequantiseRows(items, [itemRow]);
  const vectors = dequantiseRows(items, candidates);
  const cosines = new Map(
    candidates.map((row, k) => {
      let dot = 0;
      let square = 0;
      for (let d = 0; d < dimensions; d++) {
        const value = vectors[k * dimensions + d]!;
        dot += value * item[d]!;
        square += value * value;
      }
      return [row, square === 0 ? 0 : dot / Math.sqrt(square)];
    }),
  );
  return candidates.toSorted((a, b) => cosines.get(b)! - cosines.get(a)! || a - b);
}

/**
 * For an item that nobody has chosen yet (its vector is zero): rows that share its maker, themes and
 * category, the most alike first. Rows that share nothing are left out.
 */
export function byContent({ columns, count }: Catalogue, itemRow: number): number[] {
  const themes = new Set(columns.themes.codesAt(itemRow));
  const maker = columns.makers.at(itemRow);
  const same = (codes: Uint16Array, row: number): number => (codes[row] !== 0 && codes[row] === codes[itemRow] ? 1 : 0);
  const alike = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    const shared = columns.themes.codesAt(row).filter((code) => themes.has(code)).length;
    const union = themes.size + columns.themes.codesAt(row).length - shared;
    alike[row] =
      (union === 0 ? 0 : shared / union) +
      (maker !== "" && columns.makers.at(row) === maker ? 1 : 0) +
      same(columns.category.codes, row) / 2 +
      same(columns.subcategory.codes, row) / 2;
  }
  return Array.from(alike.keys())
    .filter((row) => row !== itemRow && alike[row]! > 0)
    .toSorted((a, b) => alike[b]! - alike[a]! || columns.popularity[b]! - columns.popularity[a]! || a - b);
}
