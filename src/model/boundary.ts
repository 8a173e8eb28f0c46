/**
 * Typed errors across the worker boundary. Comlink's own "throw" handler keeps a message and loses
 * `code`, `details` and the class (comlink 4.4.2, `throwTransferHandler`); this one replaces it on
 * both sides. Deletable once Comlink transfers own properties of errors.
 */
import { EngineError } from "./errors.ts";
import type { EngineErrorData } from "./errors.ts";

/** What Comlink wraps around a thrown value, beside a private marker that `canHandle` knows. */
export interface ThrownValue {
  readonly value: unknown;
}

/** Comlink's `TransferHandler<ThrownValue, EngineErrorData>`, without importing it. */
export interface ThrowHandler {
  canHandle(value: unknown): value is ThrownValue;
  serialize(thrown: ThrownValue): [EngineErrorData, never[]];
  deserialize(data: EngineErrorData): never;
}

/** An {@link EngineError} as its code and details; anything else as INTERNAL. */
export function serialiseThrown({ value }: ThrownValue): EngineErrorData {
  return EngineError.from(value).toData();
}

/** @throws always: the error that was thrown on the other side */
export function deserialiseThrown(data: EngineErrorData): never {
  throw EngineError.fromData(data);
}

/**
 * The replacement for Comlink's handler; worker and page both install it before any call:
 * `transferHandlers.set("throw", throwHandler(transferHandlers.get("throw")!))`.
 *
 * @param original Comlink's handler: only it recognises the marker of thrown values
 */
export function throwHandler(original: { canHandle(value: unknown): boolean }): ThrowHandler {
  return {
    canHandle: (value): value is ThrownValue => original.canHandle(value),
    serialize: (thrown) => [serialiseThrown(thrown), []],
    deserialize: deserialiseThrown,
  };
}
