/**
 * Matrix factorisation by stochastic gradients with Adagrad (Duchi, Hazan, Singer 2011).
 *
 * S: the embedding size rounded up to a multiple of 4. A row of `users`, `entries` and their `squares` is S + 4 float32: the
 * embedding, its bias, three unused. An item's vector and bias are the sum of its entries' (Kula 2015, section 3.1).
 */

/** As in factorisation.ts of the parent folder. */
const LOGISTIC: u32 = 0;
const BPR: u32 = 1;

/** Uniform in [0, count), Mulberry32 as in random.ts; `state` holds its counter. */
function draw(state: usize, count: u32): u32 {
  const counter = load<u32>(state) + 0x6d2b79f5;
  store<u32>(state, counter);
  let mixed: u32 = (counter ^ (counter >>> 15)) * (counter | 1);
  mixed ^= mixed + (mixed ^ (mixed >>> 7)) * (mixed | 61);
  return <u32>((<u64>(mixed ^ (mixed >>> 14)) * <u64>count) >>> 32);
}

/** Whether `item` is among the ascending indices [first, last). */
function contains(indices: usize, first: u32, last: u32, item: u32): bool {
  while (first < last) {
    const middle = (first + last) >>> 1;
    const found = load<u32>(indices + (middle << 2));
    if (found == item) return true;
    if (found < item) first = middle + 1;
    else last = middle;
  }
  return false;
}

/** The item's row: that of its only entry, or the sum of all its entries written to `target`. */
function itemRow(item: u32, pointers: usize, list: usize, entries: usize, stride: usize, target: usize): usize {
  const first = load<u32>(pointers + (item << 2));
  const last = load<u32>(pointers + (item << 2), 4);
  const row = entries + <usize>load<u32>(list + (first << 2)) * stride;
  if (last - first == 1) return row;
  memory.copy(target, row, stride);
  for (let at = first + 1; at < last; at++) {
    const other = entries + <usize>load<u32>(list + (at << 2)) * stride;
    for (let d: usize = 0; d < stride; d += 16) {
      v128.store(target + d, f32x4.add(v128.load(target + d), v128.load(other + d)));
    }
  }
  return target;
}

function dot(a: usize, b: usize, bytes: usize): f32 {
  let sums = f32x4.splat(0);
  for (let d: usize = 0; d < bytes; d += 16) sums = f32x4.add(sums, f32x4.mul(v128.load(a + d), v128.load(b + d)));
  return (
    f32x4.extract_lane(sums, 0) +
    f32x4.extract_lane(sums, 1) +
    f32x4.extract_lane(sums, 2) +
    f32x4.extract_lane(sums, 3)
  );
}

/**
 * 1 / (1 + e^x), exact to float32. e^x = 2^n e^r with |r| <= ln 2 / 2, e^r by Taylor up to r^8 / 8! (2e-9 off). Not
 * Mathf.exp: its table would lie in the memory that the pool gives away.
 */
function sigmoidOfMinus(x: f32): f32 {
  const value = max<f64>(-80, min<f64>(80, <f64>x));
  const n = nearest<f64>(value * 1.4426950408889634);
  const r = value - n * 0.6931471805599453;
  let sum: f64 = 1;
  for (let k: f64 = 8; k > 0; k--) sum = 1 + (sum * r) / k;
  return <f32>(1 / (1 + sum * reinterpret<f64>((<i64>n + 1023) << 52)));
}

/** One Adagrad step of a row, whose gradient is slope * other + regularisation * row, and biasSlope for the bias. */
function step(
  row: usize,
  square: usize,
  other: usize,
  slope: f32,
  biasSlope: f32,
  bytes: usize,
  rate: f32,
  regularisation: f32,
): void {
  const slopes = f32x4.splat(slope);
  const rates = f32x4.splat(rate);
  const decay = f32x4.splat(regularisation);
  for (let d: usize = 0; d < bytes; d += 16) {
    const value = v128.load(row + d);
    const gradient = f32x4.add(f32x4.mul(slopes, v128.load(other + d)), f32x4.mul(decay, value));
    const sum = f32x4.add(v128.load(square + d), f32x4.mul(gradient, gradient));
    v128.store(square + d, sum);
    v128.store(row + d, f32x4.sub(value, f32x4.div(f32x4.mul(rates, gradient), f32x4.sqrt(sum))));
  }
  if (biasSlope == 0) return;
  const bias = load<f32>(row + bytes);
  const gradient = biasSlope;
  const sum: f32 = load<f32>(square + bytes) + gradient * gradient;
  store<f32>(square + bytes, sum);
  store<f32>(row + bytes, bias - (rate * gradient) / sqrt<f32>(sum));
}

/**
 * Learns from the interactions order[begin] to order[end - 1], one after the other: not to be cut into blocks.
 * @param scratch 3 (S + 4) float32
 * @param owners the user of each interaction
 * @param pointers of the items' entries: those of item i are list[pointers[i]] to list[pointers[i + 1] - 1]
 * @param negatives item rows among which negatives are drawn, `negativeCount` of them
 * @param harmonic 1 + 1/2 + ... + 1/k for k up to negativeCount
 * @param state the counter of the random numbers
 * @param draws LOGISTIC: negatives of an interaction; BPR: draws until one is a negative; WARP: until one violates
 * @param userBias 1 where users have a bias
 */
export function factorise(
  scratch: usize,
  begin: u32,
  end: u32,
  order: usize,
  owners: usize,
  indptr: usize,
  indices: usize,
  weights: usize,
  users: usize,
  userSquares: usize,
  entries: usize,
  entrySquares: usize,
  pointers: usize,
  list: usize,
  negatives: usize,
  negativeCount: u32,
  harmonic: usize,
  state: usize,
  size: u32,
  loss: u32,
  draws: u32,
  rate: f32,
  regularisation: f32,
): void {
  const bytes = (<usize>size) << 2;
  const stride = bytes + 16;
  const before = scratch;
  const spareA = scratch + stride;
  const spareB = spareA + stride;
  for (let sample = begin; sample < end; sample++) {
    const at = load<u32>(order + (sample << 2));
    const user = load<u32>(owners + (at << 2));
    const item = load<u32>(indices + (at << 2));
    const weight = load<f32>(weights + (at << 2));
    const first = load<u32>(indptr + (user << 2));
    const last = load<u32>(indptr + (user << 2), 4);
    const userAt = users + <usize>user * stride;
    const userSquare = userSquares + <usize>user * stride;
    const positive = itemRow(item, pointers, list, entries, stride, spareA);
    const score: f32 = dot(userAt, positive, bytes) + load<f32>(positive + bytes);
    if (loss == LOGISTIC) {
      const slope: f32 = -weight * sigmoidOfMinus(score + load<f32>(userAt + bytes));
      memory.copy(before, userAt, stride);
      step(userAt, userSquare, positive, slope, slope, bytes, rate, regularisation);
      stepItem(item, before, slope, pointers, list, entries, entrySquares, bytes, rate, regularisation);
      for (let k: u32 = 0; k < draws; k++) {
        const other = load<u32>(negatives + (draw(state, negativeCount) << 2));
        if (contains(indices, first, last, other)) continue;
        const negative = itemRow(other, pointers, list, entries, stride, spareB);
        const otherScore: f32 = dot(userAt, negative, bytes) + load<f32>(negative + bytes) + load<f32>(userAt + bytes);
        const rise: f32 = weight * sigmoidOfMinus(-otherScore);
        memory.copy(before, userAt, stride);
        step(userAt, userSquare, negative, rise, rise, bytes, rate, regularisation);
        stepItem(other, before, rise, pointers, list, entries, entrySquares, bytes, rate, regularisation);
      }
      continue;
    }
    for (let trial: u32 = 1; trial <= draws; trial++) {
      const other = load<u32>(negatives + (draw(state, negativeCount) << 2));
      if (loss == BPR && contains(indices, first, last, other)) continue;
      const negative = itemRow(other, pointers, list, entries, stride, spareB);
      const margin: f32 = score - dot(userAt, negative, bytes) - load<f32>(negative + bytes);
      let slope: f32;
      if (loss == BPR) slope = -weight * sigmoidOfMinus(margin);
      else {
        if (margin >= 1 || contains(indices, first, last, other)) continue;
        slope = -weight * load<f32>(harmonic + ((negativeCount / trial) << 2));
      }
      memory.copy(before, userAt, stride);
      // The user's gradient is slope * (positive - negative): the difference stands in spareA from here on.
      for (let d: usize = 0; d < bytes; d += 16) {
        v128.store(spareA + d, f32x4.sub(v128.load(positive + d), v128.load(negative + d)));
      }
      step(userAt, userSquare, spareA, slope, 0, bytes, rate, regularisation);
      stepItem(item, before, slope, pointers, list, entries, entrySquares, bytes, rate, regularisation);
      stepItem(other, before, -slope, pointers, list, entries, entrySquares, bytes, rate, regularisation);
      break;
    }
  }
}

/** A step of all entries of an item: each has the item's own gradient. */
function stepItem(
  item: u32,
  user: usize,
  slope: f32,
  pointers: usize,
  list: usize,
  entries: usize,
  squares: usize,
  bytes: usize,
  rate: f32,
  regularisation: f32,
): void {
  const last = load<u32>(pointers + (item << 2), 4);
  for (let at = load<u32>(pointers + (item << 2)); at < last; at++) {
    const offset = <usize>load<u32>(list + (at << 2)) * (bytes + 16);
    step(entries + offset, squares + offset, user, slope, slope, bytes, rate, regularisation);
  }
}
