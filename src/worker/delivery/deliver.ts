/**
 * Brings a bundle up to date: manifest, missing files in their fixed order, verification, one atomic
 * switch. The requests depend on the bundle's version and on what is stored, on nothing else.
 *
 * A stored bundle is never given up for one that is not whole, verified and parsed.
 */
import { bundleFromFiles } from "../../model/bundle/bundle.ts";
import type { Bundle } from "../../model/bundle/bundle.ts";
import { bundleBytes } from "../../model/bundle/manifest.ts";
import type { FileRole, Manifest } from "../../model/bundle/manifest.ts";
import { DELIVERY } from "../../model/config.ts";
import { EngineError } from "../../model/errors.ts";
import type { EngineErrorData } from "../../model/errors.ts";
import type { Store } from "../store/store.ts";
import { BundleCache } from "./bundle-cache.ts";
import { downloadFile, downloadManifest } from "./download.ts";

export interface DeliveryOptions {
  /** The folder of all bundles, absolute URL with a trailing slash. */
  readonly modelsUrl: string;
  readonly name: string;
  readonly store: Store;
  /** Bytes of the bundle that are here and in all; files that are stored count at once. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal;
  /** Without a byte for this long a download is given up, milliseconds. */
  readonly stallMs?: number;
}

export interface Delivery {
  readonly manifest: Manifest;
  /** Verified bytes; the bundle's arrays are views on them. */
  readonly files: ReadonlyMap<FileRole, Uint8Array>;
  readonly bundle: Bundle;
  /** Why the newest bundle is not the one in use, or is in use for this visit only; null: all is well. */
  readonly notice: EngineErrorData | null;
}

/**
 * The server's bundle; on any failure the stored one with the failure as its notice. Where storage
 * fails, the server's bundle is used from memory, with that failure as its notice.
 *
 * @throws with nothing stored: BUNDLE_UNREACHABLE, BUNDLE_NOT_A_BUNDLE, BUNDLE_MANIFEST_INVALID,
 * BUNDLE_UNSUPPORTED, BUNDLE_FILE_CORRUPT, FILE_FORMAT; in any case CANCELLED
 */
export async function deliverBundle(options: DeliveryOptions): Promise<Delivery> {
  const cache = new BundleCache(options.store.bundles);
  const stored = await cache.active(options.name);
  try {
    const manifest = await newestManifest(options, stored);
    const loaded = await loadBundle(manifest, cache, options);
    if (JSON.stringify(manifest) !== JSON.stringify(stored)) await cache.activate(manifest);
    return { ...loaded, notice: cache.error?.toData() ?? null };
  } catch (cause) {
    const error = EngineError.from(cause);
    if (stored === null) throw error;
    try {
      return { ...(await loadBundle(stored, cache, options)), notice: error.toData() };
    } catch (second) {
      throw EngineError.from(second).code === "CANCELLED" ? second : error;
    }
  }
}

/** @throws BUNDLE_OLDER: an old manifest, even a genuine one, takes nobody back */
async function newestManifest(options: DeliveryOptions, stored: Manifest | null): Promise<Manifest> {
  const { signal, stallMs } = limits(options);
  const manifest = await downloadManifest(urlOf(options, "manifest.json"), options.name, {
    signal,
    stallMs: stored ? Math.min(stallMs, DELIVERY.manifestMs) : stallMs,
  });
  if (stored && manifest.version < stored.version) {
    throw new EngineError("BUNDLE_OLDER", { got: manifest.version, stored: stored.version });
  }
  return manifest;
}

/** Every file from the store or, where it lacks or is damaged there, from the server; then parsed. */
async function loadBundle(
  manifest: Manifest,
  cache: BundleCache,
  options: DeliveryOptions,
): Promise<Omit<Delivery, "notice">> {
  const files = new Map<FileRole, Uint8Array>();
  const totalBytes = bundleBytes(manifest);
  let doneBytes = 0;
  options.onProgress(0, totalBytes);
  for (const file of manifest.files) {
    if (options.signal.aborted) throw new EngineError("CANCELLED");
    let bytes = await cache.read(file);
    if (bytes === null) {
      bytes = await downloadFile(urlOf(options, file.path), file, limits(options), (count) =>
        options.onProgress(doneBytes + count, totalBytes),
      );
      await cache.write(file, bytes);
    } else {
      options.onProgress(doneBytes + file.bytes, totalBytes);
    }
    doneBytes += file.bytes;
    files.set(file.role, bytes);
  }
  return { manifest, files, bundle: bundleFromFiles(files) };
}

function urlOf({ modelsUrl, name }: DeliveryOptions, path: string): string {
  return `${modelsUrl}${encodeURIComponent(name)}/${path}`;
}

function limits({ signal, stallMs = DELIVERY.stallMs }: DeliveryOptions): { signal: AbortSignal; stallMs: number } {
  return { signal, stallMs };
}
