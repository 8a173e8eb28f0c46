import { seededRandom, shuffled } from "../train/random.ts";
import type { Fold } from "./protocol.ts";

/** The fold with at most so many of its people, a seeded choice. */
export function samplePeople(fold: Fold, most: number, seed: number): Fold {
  if (fold.users.length <= most) return fold;
  return { ...fold, users: shuffled(fold.users, seededRandom(seed)).slice(0, most) };
}
