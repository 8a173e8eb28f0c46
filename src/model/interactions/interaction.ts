/** Interactions: what a person did with an item. The names are those of `events.csv`. */
export const EVENT_KINDS = ["view", "click", "favourite", "booking", "rating", "dismiss"] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export function isEventKind(value: unknown): value is EventKind {
  return EVENT_KINDS.includes(value as EventKind);
}

/** One event as the device keeps it. */
export interface Interaction {
  /** Made by the caller; recording the same id twice keeps one. */
  readonly id: string;
  readonly itemId: string;
  readonly event: EventKind;
  /** Milliseconds since 1970. Order decides, the wall clock is only shown. */
  readonly atMs: number;
  /** A rating from 0 to 5 for `rating`; otherwise absent. */
  readonly value?: number;
}
