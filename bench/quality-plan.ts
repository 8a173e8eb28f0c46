/**
 * What `bench:quality` measures, and what others measured on the same splits: an independent implementation in NumPy
 * (settings chosen on validation, figures of the test) and published records.
 */
import type { MetricName } from "../scripts/evaluate/evaluate.ts";
import type { ModelName } from "../scripts/train/models.ts";

export interface Block {
  /** The folder of the data. */
  readonly data: string;
  readonly protocol: string;
  /** The first decides. */
  readonly metrics: readonly MetricName[];
  readonly models: readonly ModelName[];
  /** The independent implementation's, in the order of `metrics`. */
  readonly reference: Readonly<Partial<Record<ModelName, readonly number[]>>>;
  /** Published, in the order of `metrics`; NaN where it was not. */
  readonly published: Readonly<Record<string, readonly number[]>>;
}

const SHIPPED = ["shipped", "shipped-float32", "shipped-dot"] as const satisfies readonly ModelName[];
const CLASSICAL: readonly ModelName[] = ["popularity", "item-knn", "svd", "ials", "ease", ...SHIPPED];
const IN_ORDER: readonly ModelName[] = ["popularity", "item-knn", "transition-knn", "ials", "ease", ...SHIPPED];
const STRONG: readonly MetricName[] = ["ndcgAt100", "recallAt20", "recallAt50", "auc"];
const NEXT_ITEM: readonly MetricName[] = ["ndcgAt10", "hitRateAt10"];

const strong = (data: string, reference: Block["reference"], protocol = "strong"): Block => ({
  data,
  protocol,
  metrics: STRONG,
  models: CLASSICAL,
  reference,
  published: {},
});

export const PLAN: readonly Block[] = [
  strong("ml-1m", {
    popularity: [0.227, 0.192, 0.229, 0.859],
    "item-knn": [0.417, 0.354, 0.422, 0.927],
    svd: [0.473, 0.41, 0.481, 0.915],
    ials: [0.487, 0.418, 0.503, 0.93],
    ease: [0.489, 0.424, 0.504, 0.925],
  }),
  strong(
    "ml-1m",
    {
      popularity: [0.22, 0.172, 0.25],
      "item-knn": [0.371, 0.312, 0.415],
      svd: [0.414, 0.348, 0.46],
      ials: [0.436, 0.379, 0.503],
      ease: [0.44, 0.375, 0.491],
    },
    "strong-4stars",
  ),
  strong("ml-latest-small", {
    popularity: [0.271, 0.214, 0.275],
    "item-knn": [0.428, 0.359, 0.457],
    svd: [0.464, 0.418, 0.495],
    ials: [0.46, 0.408, 0.489],
    ease: [0.49, 0.44, 0.499],
  }),
  strong("lastfm-hetrec", {
    popularity: [0.15, 0.097, 0.176, 0.891],
    "item-knn": [0.37, 0.302, 0.426, 0.952],
    svd: [0.373, 0.309, 0.417, 0.902],
    ials: [0.416, 0.345, 0.485, 0.953],
    ease: [0.409, 0.333, 0.467, 0.92],
  }),
  strong("steam-200k", {
    popularity: [0.232, 0.287, 0.406],
    "item-knn": [0.453, 0.51, 0.61],
    svd: [0.405, 0.439, 0.569],
    ials: [0.475, 0.533, 0.62],
    ease: [0.519, 0.576, 0.66],
  }),
  strong("retailrocket-small", {
    popularity: [0.029, 0.032, 0.058],
    "item-knn": [0.185, 0.222, 0.327],
    svd: [0.172, 0.217, 0.338],
    ials: [0.21, 0.252, 0.423],
    ease: [0.24, 0.316, 0.452],
  }),
  {
    data: "lastfm-hetrec",
    protocol: "random",
    metrics: ["auc", "precisionAt10", "hitsRecallAt10", "ndcgAt10"],
    models: ["popularity", "svd", "logistic", "bpr", "warp", "item-knn", "ials", "ease", ...SHIPPED],
    reference: {
      popularity: [0.808, 0.07, 0.072],
      svd: [0.849, 0.154, 0.159],
      "item-knn": [0.877, 0.168, 0.174],
      ials: [0.873, 0.19, 0.197],
      ease: [0.888, 0.187, 0.194],
    },
    published: {},
  },
  {
    data: "ml-1m",
    protocol: "random-80-10-10",
    metrics: ["ndcgAt10"],
    models: ["popularity", "item-knn", "ials", "ease", ...SHIPPED],
    reference: { "item-knn": [0.278], ials: [0.318], ease: [0.348] },
    published: { "infinite-AE": [0.3282], EASE: [0.2988], LightGCN: [0.2885], MF: [0.2565], MVAE: [0.2214] },
  },
  {
    data: "ml-1m",
    protocol: "leave-last-out",
    metrics: NEXT_ITEM,
    models: IN_ORDER,
    reference: {
      popularity: [0.018, 0.037],
      "item-knn": [0.041, 0.081],
      "transition-knn": [0.152, 0.262],
      ease: [0.054, 0.109],
    },
    published: { gSASRec: [0.1726, 0.3003], SASRec: [0.1259, 0.2392] },
  },
  {
    data: "amazon-beauty",
    protocol: "leave-last-out",
    metrics: NEXT_ITEM,
    models: IN_ORDER,
    reference: { "transition-knn": [0.049, 0.078] },
    published: { "SASRec, sampled softmax": [0.0531, 0.0921], S3Rec: [0.0327, 0.0647] },
  },
  {
    data: "amazon-toys",
    protocol: "leave-last-out",
    metrics: NEXT_ITEM,
    models: IN_ORDER,
    reference: { "transition-knn": [0.059, 0.089] },
    published: { "SASRec, sampled softmax": [0.058, 0.097], S3Rec: [0.0376, 0.07] },
  },
  {
    data: "gowalla",
    protocol: "published",
    metrics: ["ndcgAt20", "hitsRecallAt20"],
    models: ["popularity", "item-knn", "ials", "low-rank-ease", ...SHIPPED],
    reference: { popularity: [0.032, 0.042], "item-knn": [0.094, 0.127], ials: [0.127, 0.151] },
    published: {
      SimpleX: [0.1557, 0.1872],
      UltraGCN: [0.158, 0.1862],
      LightGCN: [0.1547, 0.182],
      EASE: [0.1467, 0.1765],
      YoutubeDNN: [0.1473, 0.1754],
      SLIM: [0.1382, 0.1699],
      MultVAE: [0.1335, 0.1641],
    },
  },
];
