/** The two kinds of download: the manifest, and the files that it names. */
import { parseManifest } from "../../model/bundle/manifest.ts";
import type { Manifest, ManifestFile } from "../../model/bundle/manifest.ts";
import { EngineError } from "../../model/errors.ts";
import { fetchChunks } from "./fetch-chunks.ts";
import type { FetchOptions } from "./fetch-chunks.ts";

type DownloadOptions = Omit<FetchOptions, "cache">;

/** A manifest is some kilobytes; what is longer than this is something else. */
const MANIFEST_MAX_BYTES = 1 << 20;

/**
 * Asked of the server at every visit.
 * @param name the bundle's name, which the manifest must bear
 * @throws BUNDLE_UNREACHABLE, BUNDLE_NOT_A_BUNDLE, BUNDLE_MANIFEST_INVALID, BUNDLE_UNSUPPORTED, CANCELLED
 */
export async function downloadManifest(url: string, name: string, options: DownloadOptions): Promise<Manifest> {
  const decoder = new TextDecoder();
  let text = "";
  await fetchChunks(url, { ...options, cache: "no-cache" }, (chunk) => {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MANIFEST_MAX_BYTES) throw new EngineError("BUNDLE_NOT_A_BUNDLE", { url });
  });
  let json: unknown;
  try {
    json = JSON.parse(text + decoder.decode());
  } catch (cause) {
    throw new EngineError("BUNDLE_NOT_A_BUNDLE", { url }, cause);
  }
  const manifest = parseManifest(json);
  if (manifest.name !== name) {
    throw new EngineError("BUNDLE_MANIFEST_INVALID", { reason: `it is of "${manifest.name}", expected "${name}"` });
  }
  return manifest;
}

/**
 * A file, whole and verified. The HTTP cache is passed by: the store keeps the file, and a damaged
 * cache entry would come again.
 *
 * @param onBytes hears how many bytes of the file have come
 * @throws BUNDLE_FILE_CORRUPT, BUNDLE_UNREACHABLE, BUNDLE_NOT_A_BUNDLE, CANCELLED
 */
export async function downloadFile(
  url: string,
  file: ManifestFile,
  options: DownloadOptions,
  onBytes: (count: number) => void,
): Promise<Uint8Array> {
  const fail = (reason: string): never => {
    throw new EngineError("BUNDLE_FILE_CORRUPT", { path: file.path, reason });
  };
  const bytes = new Uint8Array(file.bytes);
  let length = 0;
  await fetchChunks(url, { ...options, cache: "no-store" }, (chunk) => {
    if (length + chunk.length > bytes.length) fail(`it is longer than ${file.bytes} bytes`);
    bytes.set(chunk, length);
    length += chunk.length;
    onBytes(length);
  });
  if (length < bytes.length) fail(`${length} bytes came, expected ${file.bytes}`);
  if (!(await isFile(bytes, file))) fail("its SHA-256 differs from the manifest's");
  return bytes;
}

/** Whether the bytes have the length and the SHA-256 of the manifest. */
export async function isFile(bytes: Uint8Array, file: ManifestFile): Promise<boolean> {
  if (bytes.length !== file.bytes) return false;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === file.sha256;
}
