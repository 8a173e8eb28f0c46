/** One download, chunk by chunk, given up when it stalls. */
import { EngineError } from "../../model/errors.ts";

export interface FetchOptions {
  readonly cache: RequestCache;
  readonly signal: AbortSignal;
  /** Without a byte for this long the download is given up, milliseconds. */
  readonly stallMs: number;
}

/**
 * The request tells nothing but its address: no cookie, no referrer.
 *
 * @param onChunk may throw an EngineError, which ends the download
 * @throws BUNDLE_UNREACHABLE (no connection, redirect, HTTP status, stall), BUNDLE_NOT_A_BUNDLE (an
 * HTML page with status 200), CANCELLED
 */
export async function fetchChunks(
  url: string,
  { cache, signal, stallMs }: FetchOptions,
  onChunk: (chunk: Uint8Array) => void,
): Promise<void> {
  const controller = new AbortController();
  let reason = "no connection, or a redirect";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expectByte = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      reason = `nothing came for ${stallMs / 1000} s`;
      controller.abort();
    }, stallMs);
  };
  try {
    expectByte();
    const response = await fetch(url, {
      cache,
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.any([signal, controller.signal]),
    });
    if (!response.ok) throw new EngineError("BUNDLE_UNREACHABLE", { url, reason: `HTTP ${response.status}` });
    if (response.headers.get("content-type")?.startsWith("text/html")) {
      throw new EngineError("BUNDLE_NOT_A_BUNDLE", { url });
    }
    reason = "the connection broke";
    const reader = response.body!.getReader();
    for (;;) {
      expectByte();
      const { done, value } = await reader.read();
      if (done) return;
      onChunk(value);
    }
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    if (signal.aborted) throw new EngineError("CANCELLED", {}, cause);
    throw new EngineError("BUNDLE_UNREACHABLE", { url, reason }, cause);
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}
