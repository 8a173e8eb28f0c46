// The int8 scan of one query or of four at once, in three passes: sample, pick, collect. Exact twin:
// scanInt8 in src/model/retrieval/quantise.ts.
//
// A chunk of the item table holds as many rows as one binding may; a row is WORDS vec4<u32> of 16
// int8 each. All integers: the scores are exact.
requires packed_4x8_integer_dot_product;

struct Asked {
  // int8, zeros beyond D; 64 for each query.
  values: array<vec4<u32>, 256>,
  // The threshold is the score of this rank, from 1, among the samples of all chunks.
  rank: u32,
}

struct Chunk {
  rows: u32,
  // Of the whole table.
  firstRow: u32,
  firstSample: u32,
}

// Of each query.
struct Found {
  thresholds: array<i32, 4>,
  // Rows at or over the threshold; those beyond the capacity are counted and not kept.
  counts: array<atomic<u32>, 4>,
  // The row's complement and the score: as one 64-bit integer, greater is better. As many places for each query.
  keys: array<vec2<u32>>,
}

@group(0) @binding(0) var<uniform> asked: Asked;
@group(0) @binding(1) var<uniform> chunk: Chunk;
@group(0) @binding(2) var<storage, read> items: array<vec4<u32>>;
// As many places for each of four queries.
@group(0) @binding(3) var<storage, read_write> samples: array<i32>;
@group(0) @binding(4) var<storage, read_write> found: Found;
// A bit a row of the whole table, least significant first: only these are found.
@group(0) @binding(5) var<storage, read> allowed: array<u32>;

override WORDS: u32;
// 1 or 4.
override QUERIES: u32;

const THREADS = 64u;
const ROWS_PER_THREAD = 64u;
const SAMPLE_STRIDE = 64u;

fn dot16(item: vec4<u32>, part: vec4<u32>) -> i32 {
  return dot4I8Packed(item.x, part.x) + dot4I8Packed(item.y, part.y)
    + dot4I8Packed(item.z, part.z) + dot4I8Packed(item.w, part.w);
}

// With each query; where there is one, with the first alone.
fn score(row: u32) -> vec4<i32> {
  var sums = vec4<i32>();
  for (var word = 0u; word < WORDS; word++) {
    let item = items[row * WORDS + word];
    sums.x += dot16(item, asked.values[word]);
    if (QUERIES > 1u) {
      sums.y += dot16(item, asked.values[64u + word]);
      sums.z += dot16(item, asked.values[128u + word]);
      sums.w += dot16(item, asked.values[192u + word]);
    }
  }
  return sums;
}

fn isAllowed(row: u32) -> bool {
  let at = chunk.firstRow + row;
  return ((allowed[at >> 5u] >> (at & 31u)) & 1u) == 1u;
}

// Under every score: what a row that is not allowed has among the samples.
const LOWEST = i32(-2147483648);

@compute @workgroup_size(THREADS)
fn sample(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x * SAMPLE_STRIDE;
  if (row < chunk.rows) {
    let sums = select(vec4<i32>(LOWEST), score(row), isAllowed(row));
    for (var q = 0u; q < QUERIES; q++) {
      samples[q * (arrayLength(&samples) / 4u) + chunk.firstSample + id.x] = sums[q];
    }
  }
}

// Biased, so that the order of the unsigned keys is the order of the scores.
const SIGN = 0x80000000u;
const DIGITS = 256u;

var<workgroup> histogram: array<atomic<u32>, DIGITS>;
// The digits of the key found so far, and the rank that is left among the keys that start so.
var<workgroup> prefix: u32;
var<workgroup> rank: u32;

// Radix selection from the highest digit down: four histograms give the key of the rank. A group for each query.
@compute @workgroup_size(DIGITS)
fn pick(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let count = arrayLength(&samples) / 4u;
  let first = group.x * count;
  if (thread == 0u) {
    rank = asked.rank;
  }
  var mask = 0u;
  // 24, 16, 8, 0; then it wraps.
  for (var shift = 24u; shift < 32u; shift -= 8u) {
    atomicStore(&histogram[thread], 0u);
    let start = workgroupUniformLoad(&prefix);
    for (var i = thread; i < count; i += DIGITS) {
      let key = bitcast<u32>(samples[first + i]) ^ SIGN;
      if ((key & mask) == start) {
        atomicAdd(&histogram[(key >> shift) & 255u], 1u);
      }
    }
    workgroupBarrier();
    if (thread == 0u) {
      var digit = DIGITS - 1u;
      var left = rank;
      for (; digit > 0u; digit--) {
        let size = atomicLoad(&histogram[digit]);
        if (left <= size) {
          break;
        }
        left -= size;
      }
      rank = left;
      prefix = start | (digit << shift);
    }
    mask |= 255u << shift;
    workgroupBarrier();
  }
  if (thread == 0u) {
    found.thresholds[group.x] = bitcast<i32>(prefix ^ SIGN);
  }
}

@compute @workgroup_size(THREADS)
fn collect(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  var thresholds: array<i32, 4> = found.thresholds;
  let capacity = arrayLength(&found.keys) / QUERIES;
  let first = group.x * THREADS * ROWS_PER_THREAD + thread;
  for (var i = 0u; i < ROWS_PER_THREAD; i++) {
    let row = first + i * THREADS;
    if (row >= chunk.rows) {
      break;
    }
    if (!isAllowed(row)) {
      continue;
    }
    let sums = score(row);
    for (var q = 0u; q < QUERIES; q++) {
      if (sums[q] >= thresholds[q]) {
        let at = atomicAdd(&found.counts[q], 1u);
        if (at < capacity) {
          found.keys[q * capacity + at] = vec2<u32>(~(chunk.firstRow + row), bitcast<u32>(sums[q]));
        }
      }
    }
  }
}
