/** What every trained model offers to the evaluation. */

/** The hyper-parameters of a model, by name. */
export type Params = Readonly<Record<string, number>>;

/** What is known of one person: item rows, distinct, and the confidence of each, > 0. Both of length L. */
export interface ScoredHistory {
  readonly rows: Uint32Array;
  readonly weights: Float32Array;
}

export interface TrainedModel {
  readonly name: string;
  readonly params: Params;
  /** Of the training, over all threads. */
  readonly trainCpuSeconds: number;
  /**
   * The score of every item for a history; higher is better, comparable within one history only. An empty history
   * scores every item 0, but by popularity. Items of the history are scored too: mask them.
   * @param out shape [N]
   */
  score(history: ScoredHistory, out: Float32Array): void;
}

/** Runs `work` and measures the CPU seconds of the process meanwhile, over all its threads. */
export async function measureCpu<T>(work: () => Promise<T>): Promise<{ result: T; cpuSeconds: number }> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, cpuSeconds: (user + system) / 1e6 };
}
