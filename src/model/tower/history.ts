/**
 * History to tower input: which events count, how much, and towards what.
 */
import type { EventKind, Interaction } from "../interactions/interaction.ts";
import type { TowerParams } from "../bundle/bundle.ts";

/** Rows of the item table with their weight and target, shape [L] each, oldest first. */
export interface TowerInput {
  readonly rows: Uint32Array;
  readonly weights: Float32Array;
  /** 1 interest, 0 dismissal. */
  readonly targets: Float32Array;
}

/** An event as the tower sees it; shared by the device's history and the training's events. */
export interface TowerEvent {
  /** -1: the item is not in the catalogue; the event is passed over. */
  readonly row: number;
  readonly event: EventKind;
  readonly value?: number | undefined;
}

/**
 * 1 interest, 0 the opposite, null neither. A rating under the threshold is a dislike.
 */
export function targetOf(event: EventKind, value: number | undefined, params: TowerParams): 0 | 1 | null {
  if (event === "dismiss") return 0;
  if (event === "rating") return value === undefined || value >= params.positiveRating ? 1 : 0;
  return (params.eventWeights[event] ?? 0) > 0 ? 1 : null;
}

/**
 * The last `maxHistory` items of a history. An item counts once: at its newest event, with the
 * largest weight among its interests; a newer dismissal overrides older interest and the reverse.
 * Recency: the k-th newest item weighs decay^k.
 *
 * @param events oldest first
 */
export function towerInput(events: readonly TowerEvent[], params: TowerParams): TowerInput {
  const byRow = new Map<number, { weight: number; target: 0 | 1 }>();
  for (let i = events.length - 1; i >= 0; i--) {
    const { row, event, value } = events[i]!;
    const target = targetOf(event, value, params);
    if (row < 0 || target === null) continue;
    const weight = params.eventWeights[event] ?? 1;
    const newer = byRow.get(row);
    if (newer === undefined) {
      if (byRow.size === params.maxHistory) continue;
      byRow.set(row, { weight, target });
    } else if (newer.target === target) {
      newer.weight = Math.max(newer.weight, weight);
    }
  }
  const newestFirst = [...byRow];
  const length = newestFirst.length;
  const rows = new Uint32Array(length);
  const weights = new Float32Array(length);
  const targets = new Float32Array(length);
  newestFirst.forEach(([row, { weight, target }], age) => {
    const at = length - 1 - age;
    rows[at] = row;
    weights[at] = weight * params.recencyDecay ** age;
    targets[at] = target;
  });
  return { rows, weights, targets };
}

/** The events of a device's history as the tower sees them. */
export function towerEvents(history: readonly Interaction[], rowOf: (itemId: string) => number): TowerEvent[] {
  return history.map(({ itemId, event, value }) => ({ row: rowOf(itemId), event, value }));
}
