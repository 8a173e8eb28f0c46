/**
 * Lists of results: the K best of what is offered.
 *
 * A key orders a result: the score in the high 32 bits, the row's complement in the low 32, so that
 * a greater key is a better result and ties go to the lowest row. Keys are unique.
 *
 * A list collects results; rows may be offered in any order. Its bytes: int32 count, k >= 1 and capacity > k, four
 * unused, int64 worst, and from byte 24 on `capacity` keys. The caller sets all but the keys, `count` to 0 and `worst`
 * to the least int64. When the list is full only the k best keys stay, and the k-th is `worst` from then on: what is no
 * better is never among the k best.
 */

/** Moves the k greatest of `count` keys to the front, the k-th greatest to place k - 1 (Hoare 1961, FIND). */
function select(keys: usize, count: i32, k: i32): void {
  const target = k - 1;
  let left = 0;
  let right = count - 1;
  while (left < right) {
    const pivot = load<i64>(keys + ((<usize>((left + right) >> 1)) << 3));
    let i = left;
    let j = right;
    while (i <= j) {
      while (load<i64>(keys + ((<usize>i) << 3)) > pivot) i++;
      while (load<i64>(keys + ((<usize>j) << 3)) < pivot) j--;
      if (i <= j) {
        const at = keys + ((<usize>i) << 3);
        const other = keys + ((<usize>j) << 3);
        const key = load<i64>(at);
        store<i64>(at, load<i64>(other));
        store<i64>(other, key);
        i++;
        j--;
      }
    }
    if (target <= j) right = j;
    else if (target >= i) left = i;
    else return;
  }
}

const WORST: usize = 16;
const KEYS: usize = 24;

/** Keeps the k best of a list, in no order, and lets go of the others. */
export function tighten(list: usize): void {
  const k = load<i32>(list, 4);
  const count = load<i32>(list);
  if (count < k) return;
  select(list + KEYS, count, k);
  store<i32>(list, k);
  store<i64>(list, load<i64>(list + KEYS + ((<usize>(k - 1)) << 3)), WORST);
}

export function offer(list: usize, score: i32, row: i32): void {
  const key = ((<i64>score) << 32) | <i64>(<u32>~row);
  if (key <= load<i64>(list, WORST)) return;
  const count = load<i32>(list);
  store<i64>(list + KEYS + ((<usize>count) << 3), key);
  store<i32>(list, count + 1);
  if (count + 1 == load<i32>(list, 8)) tighten(list);
}

/** What a row must score to enter a list. */
export function least(list: usize): i32 {
  return <i32>(load<i64>(list, WORST) >> 32);
}
