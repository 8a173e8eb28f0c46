/**
 * User-kNN (Herlocker, Konstan, Borchers and Riedl 1999, without their rating normalisation): the score of j is the sum
 * of s_uv x_vj over the k people v of the training who are nearest to the person u, s by similarity.ts, of the rows of
 * the interactions.
 *
 * Nothing is fitted. A person's neighbours come from the lists of people by item, so only those who share an item are
 * visited, and only the k nearest add their items.
 *
 * The popularity filter is that of item-kNN with people for items: of the 30 nearest people the `popular` with the most
 * interactions add.
 */
import { topK } from "../../src/model/retrieval/exact-scan.ts";
import { transpose } from "./interaction-matrix.ts";
import type { InteractionMatrix } from "./interaction-matrix.ts";
import { FILTERED_NEIGHBOURS } from "./item-knn.ts";
import { measureCpu } from "./model.ts";
import type { ModelEntry, ScoredHistory, TrainedModel } from "./model.ts";
import { compareRows, rowTerms, SIMILARITIES } from "./similarity.ts";

export type UserKnnParams = {
  /** k, >= 1; without effect under the popularity filter. */
  readonly neighbours: number;
  /** >= 0; lowers the similarity of people with few interactions. */
  readonly shrinkage: number;
  /** A place in SIMILARITIES: 0 cosine, 1 Jaccard, 2 Pearson. */
  readonly similarity: number;
  /** Of the 30 nearest people those with the most interactions that are kept; 0: no popularity filter. */
  readonly popular: number;
};

/** At equal similarity or number of interactions the lower row comes first. */
export async function trainUserKnnModel(matrix: InteractionMatrix, params: UserKnnParams): Promise<TrainedModel> {
  const similarity = SIMILARITIES[params.similarity]!;
  const { result, cpuSeconds } = await measureCpu(async () => {
    const compared = compareRows(matrix, similarity);
    return { ...compared, byItem: transpose(compared.matrix) };
  });
  const { norms, offsets, byItem } = result;
  const { indptr, indices, weights: entries } = matrix;

  /** shape [users]: > 0, or -Infinity for people who are not alike. */
  const similarities = ({ rows, weights }: ScoredHistory): Float32Array => {
    const own = similarity === "jaccard" ? new Float32Array(rows.length).fill(1) : weights;
    const { norm, offset } = rowTerms(own, matrix.items, similarity);
    const dots = new Float64Array(matrix.users);
    rows.forEach((row, at) => {
      for (let p = byItem.indptr[row]!; p < byItem.indptr[row + 1]!; p++) {
        dots[byItem.indices[p]!]! += own[at]! * byItem.weights[p]!;
      }
    });
    return Float32Array.from(dots, (dot, user) => {
      if (dot === 0) return -Infinity;
      const value =
        similarity === "jaccard"
          ? dot / (norm + norms[user]! - dot + params.shrinkage)
          : (dot - offset * offsets[user]!) / (norm * norms[user]! + params.shrinkage);
      return value > 0 ? value : -Infinity;
    });
  };
  const activity = (user: number): number => indptr[user + 1]! - indptr[user]!;

  return {
    name: "user-knn",
    params: { ...params },
    trainCpuSeconds: cpuSeconds,
    score(history, out) {
      out.fill(0);
      const scores = similarities(history);
      const filter = params.popular > 0;
      const nearest = topK(scores, filter ? FILTERED_NEIGHBOURS : params.neighbours).rows;
      const kept = filter
        ? nearest.sort((a, b) => activity(b) - activity(a) || a - b).subarray(0, params.popular)
        : nearest;
      for (const user of kept) {
        for (let at = indptr[user]!; at < indptr[user + 1]!; at++) out[indices[at]!]! += scores[user]! * entries[at]!;
      }
    },
  };
}

export const userKnnEntry: ModelEntry<UserKnnParams> = {
  defaults: { neighbours: 100, shrinkage: 0, similarity: 0, popular: 0 },
  tried: { neighbours: [50, 100, 200, 400], shrinkage: [0, 20] },
  space: {
    neighbours: { values: [10, 20, 30, 50, 100, 200, 400, 800] },
    shrinkage: { values: [0, 1, 5, 10, 20, 50, 100] },
    similarity: { values: [0, 1, 2] },
    popular: { values: [0, 5, 10, 20] },
  },
  train: ({ matrix }, params) => trainUserKnnModel(matrix, params),
};
