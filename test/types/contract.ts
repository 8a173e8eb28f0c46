/** Checked by the compiler alone: what the page sees of the worker's engine, and what it may not. */
import type { Remote } from "comlink";
import type { EngineApi, HomePage, Interaction, ItemCard, RequestContext } from "../../src/model/contract.ts";
import type { EngineError, ErrorCode } from "../../src/model/errors.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<_A extends true>(): void {}

type Engine = Remote<EngineApi>;
same<Equal<Awaited<ReturnType<Engine["home"]>>, HomePage>>();
same<Equal<Awaited<ReturnType<Engine["search"]>>, readonly ItemCard[]>>();
same<Equal<Awaited<ReturnType<Engine["undo"]>>, Interaction | null>>();
same<Equal<Parameters<Engine["similar"]>, [itemId: string, context: RequestContext]>>();
// Every call is asynchronous: nothing of the engine is a value on the page.
same<
  Equal<
    { [K in keyof EngineApi]: ReturnType<EngineApi[K]> extends Promise<unknown> ? never : K }[keyof EngineApi],
    never
  >
>();
// The codes are closed.
same<Equal<EngineError["code"], ErrorCode>>();
// @ts-expect-error a code that is not in the table
export const code: ErrorCode = "SOMETHING_ELSE";
