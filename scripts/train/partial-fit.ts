/**
 * Going on from a fitted model with new interactions. Old people and items keep their rows, new ones come after, and
 * everything is trained on, old and new: what is saved is the way from random numbers to where the model already is.
 */

/** The epochs that take the place of those of a fit from zero. */
export const partialEpochs = (epochs: number): number => Math.max(1, Math.round(epochs * PARTIAL_SHARE));

const PARTIAL_SHARE = 0.2;
