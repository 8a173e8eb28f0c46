/**
 * The training kernels, AssemblyScript on SIMD128 over one shared memory. No relaxed SIMD: its
 * fused madd depends on the processor, and training must not. Every kernel works on the range
 * [begin, end) of its entities, has `scratch` to itself, and writes what no other range writes.
 * Pointers and strides are bytes, sizes are counts. Nothing here allocates or keeps state.
 */
export { gramian, solveEntities } from "./ials";
export { coOccurrenceTiles, sweepPanel, sweepTiles } from "./dense-inverse";
export { coOccurrences, foldInPeople, neighbourCandidates, solveNeighbours } from "./neighbours";
export { nearestItems } from "./nearest-items";
export { nearestCentroids } from "./nearest-centroids";
export { factorise } from "./factorisation";
export { scorePeople } from "./score-people";
export { sparseProduct, transformRows } from "./truncated-svd";
