/** The most similar items of each item by their columns. Pairs that no user shares are never visited. */

/** Whether the pair (a, i) ranks after (b, j): lower similarity first, the higher index at equal similarity. */
export function isWorse(a: f32, i: u32, b: f32, j: u32): bool {
  return a < b || (a == b && i > j);
}

/** Puts (similarity, item) at `at` of a heap with the worst pair on top, and lets it sink. */
export function sink(similarities: usize, items: usize, size: u32, at: u32, similarity: f32, item: u32): void {
  for (;;) {
    let child: u32 = 2 * at + 1;
    if (child >= size) break;
    const right = child + 1;
    if (
      right < size &&
      isWorse(
        load<f32>(similarities + (right << 2)),
        load<u32>(items + (right << 2)),
        load<f32>(similarities + (child << 2)),
        load<u32>(items + (child << 2)),
      )
    ) {
      child = right;
    }
    const childSimilarity = load<f32>(similarities + (child << 2));
    const childItem = load<u32>(items + (child << 2));
    if (!isWorse(childSimilarity, childItem, similarity, item)) break;
    store<f32>(similarities + (at << 2), childSimilarity);
    store<u32>(items + (at << 2), childItem);
    at = child;
  }
  store<f32>(similarities + (at << 2), similarity);
  store<u32>(items + (at << 2), item);
}

/** Puts (similarity, item) at the end of a heap of `size` pairs, and lets it rise. */
export function rise(similarities: usize, items: usize, size: u32, similarity: f32, item: u32): void {
  let at = size;
  while (at > 0) {
    const parent: u32 = (at - 1) / 2;
    const parentSimilarity = load<f32>(similarities + (parent << 2));
    const parentItem = load<u32>(items + (parent << 2));
    if (!isWorse(similarity, item, parentSimilarity, parentItem)) break;
    store<f32>(similarities + (at << 2), parentSimilarity);
    store<u32>(items + (at << 2), parentItem);
    at = parent;
  }
  store<f32>(similarities + (at << 2), similarity);
  store<u32>(items + (at << 2), item);
}

/**
 * The best `neighbours` of each item in [begin, end), in heap order, to row i of outputItems and outputSimilarities
 * [N, neighbours], their number to counts [N]. Only similarities above 0 count (../similarity.ts):
 * - overlap 0: (x_i.x_j - o_i o_j) / (n_i n_j + shrinkage)
 * - overlap 1: x_i.x_j / (n_i + n_j - x_i.x_j + shrinkage)
 * @param scratch 2 N words
 * @param norms [N], n
 * @param offsets [N], o
 */
export function nearestItems(
  scratch: usize,
  begin: u32,
  end: u32,
  items: u32,
  itemIndptr: usize,
  itemUsers: usize,
  itemWeights: usize,
  userIndptr: usize,
  userItems: usize,
  userWeights: usize,
  norms: usize,
  offsets: usize,
  overlap: u32,
  shrinkage: f32,
  neighbours: u32,
  outputItems: usize,
  outputSimilarities: usize,
  counts: usize,
): void {
  const dots = scratch;
  const touched = scratch + ((<usize>items) << 2);
  memory.fill(dots, 0, (<usize>items) << 2);
  for (let item = begin; item < end; item++) {
    let touchedCount: u32 = 0;
    const last = load<u32>(itemIndptr + (item << 2), 4);
    for (let at = load<u32>(itemIndptr + (item << 2)); at < last; at++) {
      const user = load<u32>(itemUsers + (at << 2));
      const weight = load<f32>(itemWeights + (at << 2));
      const userLast = load<u32>(userIndptr + (user << 2), 4);
      for (let k = load<u32>(userIndptr + (user << 2)); k < userLast; k++) {
        const other = load<u32>(userItems + (k << 2));
        const cell = dots + (other << 2);
        const dot = load<f32>(cell);
        if (dot == 0) store<u32>(touched + (touchedCount++ << 2), other);
        store<f32>(cell, dot + weight * load<f32>(userWeights + (k << 2)));
      }
    }
    const heapItems = outputItems + ((<usize>item * neighbours) << 2);
    const heapSimilarities = outputSimilarities + ((<usize>item * neighbours) << 2);
    const norm = load<f32>(norms + (item << 2));
    const offset = load<f32>(offsets + (item << 2));
    let size: u32 = 0;
    for (let at: u32 = 0; at < touchedCount; at++) {
      const other = load<u32>(touched + (at << 2));
      const dot = load<f32>(dots + (other << 2));
      store<f32>(dots + (other << 2), 0);
      if (other == item) continue;
      const otherNorm = load<f32>(norms + (other << 2));
      const similarity: f32 =
        overlap != 0
          ? dot / (norm + otherNorm - dot + shrinkage)
          : (dot - offset * load<f32>(offsets + (other << 2))) / (norm * otherNorm + shrinkage);
      if (!(similarity > 0)) continue;
      if (size < neighbours) rise(heapSimilarities, heapItems, size++, similarity, other);
      else if (isWorse(load<f32>(heapSimilarities), load<u32>(heapItems), similarity, other)) {
        sink(heapSimilarities, heapItems, size, 0, similarity, other);
      }
    }
    store<u32>(counts + (item << 2), size);
  }
}
