/**
 * Every tunable of the engine, with its unit, default and source.
 */

/** User tower. Written into each bundle by `affiche build`; these are its defaults. */
export const TOWER = {
  /** Conjugate gradient steps. ml-1m: 2 reach the exact NDCG@100, 4 a residual of 1e-4 (docs/evaluation.md). */
  conjugateGradientSteps: 4,
  /** Items of the history that count, newest first: 200 of them cost ml-1m's `strong` .01 of NDCG@100 (docs/towers.md). */
  maxHistory: 1000,
  /** Weight of the k-th newest item is decay^k: half after 34 items. */
  recencyDecay: 0.98,
  /** Weight of the transitions from the k-th newest interest is decay^k. */
  orderDecay: 0.7,
  /** Scores are divided by popularity^exponent; 0: as they are. */
  popularityExponent: 0,
  /** Ratings from here on are interest, below dislike; 0 takes every rating as interest. Stars, 0 to 5. */
  positiveRating: 3,
  /**
   * Relative strength of one event. Order booking > favourite > click > view from the production system
   * whose facts are the starting defaults (warm at 2 bookings, 2 favourites or 25 clicks).
   */
  eventWeights: { view: 0.25, click: 1, favourite: 3, booking: 4, rating: 1, dismiss: 2 },
} as const;

/** Items and clusters, at build time. */
export const ITEMS = {
  /** D. 64 dimensions in the production system and in the measured iALS baseline. */
  dimensions: 64,
  /** What a bundle's vectors and tables may take, bytes an item; docs/towers.md has the curve. */
  bytesPerItem: 96,
  /** C. 500 clusters there; a catalogue keeps at least this many items a cluster on average. */
  clusters: 500,
  minItemsPerCluster: 10,
} as const;

/** Retrieval: candidates a source. There: 4 sources x 150; recall of the true 200 is >= .995 at 300 to 400. */
export const RETRIEVAL = {
  personal: 400,
  /**
   * Items up to which all are scored for a person; beyond, those that the scan and the neighbour tables find. The budget
   * is 10 ms for a history of 200; 50,000 of 128 dimensions take 8.9 (bench/scoring.ts, two shared cores, 2026-11).
   */
  scoredWhole: 50_000,
  /** Rows that the scan finds to be scored again, beyond that; what it puts lower seldom reaches the first 400. */
  scanned: 600,
  popular: 150,
  recent: 150,
  similar: 100,
} as const;

/** The measurement that picks the retrieval engine, once a machine: src/worker/retrieval/calibrate.ts. */
export const CALIBRATION = {
  /** It begins when a page was answered and nothing was asked for so long, milliseconds. */
  idleMs: 1_000,
  /** No new round begins after so long, milliseconds: a slow engine is judged by few searches, and needs no more. */
  budgetMs: 150,
  /** Searches of each engine at most. */
  rounds: 15,
} as const;

/** Re-ranking: lengths in items. There: home keeps 60, similar keeps 20. */
export const SLATE = {
  forYou: 24,
  shelf: 16,
  /** Items that are dealt together: what a person compares at one glance and a swipe. */
  screen: 12,
  similar: 20,
  /** A shelf with fewer stays away. */
  minimum: 4,
} as const;

/** Search: results shown. */
export const SEARCH = {
  limit: 60,
  /** Items up to which there is an index: 50,000 take a second or two and 90 MB, 1,000,000 a minute and 1.5 GB. */
  indexed: 50_000,
} as const;

/** The worker boundary, milliseconds. */
export const DEADLINES = {
  callMs: 15_000,
  /** Bringing the bundle up to date; progress shows meanwhile. */
  startMs: 600_000,
  heartbeatEveryMs: 5_000,
  heartbeatMs: 10_000,
  /** While a bundle is made ready, which answers between its steps only: those of a million items take seconds each. */
  heartbeatLoadingMs: 60_000,
} as const;

/** Delivery, milliseconds without a new byte after which a download is given up. */
export const DELIVERY = {
  stallMs: 20_000,
  /** For the manifest where a stored bundle can serve instead: nobody waits for a dead network. */
  manifestMs: 4_000,
} as const;
