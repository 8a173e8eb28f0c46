/**
 * Writes a bundle so that it is whole or absent at every moment, also for those who download it
 * meanwhile: immutable files first, then one rename of the manifest, then the old files go.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { BUNDLE_FORMAT_VERSION, FILE_ROLES, parseManifest } from "../../src/model/bundle/manifest.ts";
import type { FileRole, Manifest, ManifestFile } from "../../src/model/bundle/manifest.ts";
import { EngineError } from "../../src/model/errors.ts";

export type ManifestFacts = Omit<Manifest, "format" | "formatVersion" | "name" | "version" | "files">;

/** The file that a role's bytes become. */
function manifestFile(role: FileRole, bytes: Uint8Array): ManifestFile {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { role, path: `${role}-${sha256.slice(0, 16)}.bin`, bytes: bytes.byteLength, sha256 };
}

/** The manifest that is there; null when there is none or it cannot be read. */
async function readManifest(out: string): Promise<Manifest | null> {
  try {
    return parseManifest(JSON.parse(await readFile(join(out, "manifest.json"), "utf8")));
  } catch {
    return null;
  }
}

/**
 * @param version null: 1 for a new bundle, and what is there for one whose content is the same
 * @throws VERSION_NOT_HIGHER when other content would keep or lower the version; OUTPUT_FAILED
 */
export async function writeBundle(
  out: string,
  files: ReadonlyMap<FileRole, Uint8Array>,
  facts: ManifestFacts,
  version: number | null,
): Promise<Manifest> {
  const entries = FILE_ROLES.flatMap((role) => {
    const bytes = files.get(role);
    return bytes ? [{ bytes, file: manifestFile(role, bytes) }] : [];
  });
  const stored = await readManifest(out);
  const withVersion = (number: number): Manifest =>
    parseManifest({
      format: "affiche-bundle",
      formatVersion: BUNDLE_FORMAT_VERSION,
      name: basename(out),
      version: number,
      ...facts,
      files: entries.map(({ file }) => file),
    });
  const manifest = withVersion(version ?? stored?.version ?? 1);
  if (stored) {
    const same = JSON.stringify(withVersion(stored.version)) === JSON.stringify(stored);
    if (manifest.version < stored.version || (manifest.version === stored.version && !same)) {
      throw new EngineError("VERSION_NOT_HIGHER", { path: out, stored: stored.version, next: stored.version + 1 });
    }
  }
  try {
    await mkdir(out, { recursive: true });
    for (const { bytes, file } of entries) {
      const part = join(out, `${file.path}.part`);
      await writeFile(part, bytes);
      await rename(part, join(out, file.path));
    }
    const part = join(out, "manifest.json.part");
    await writeFile(part, `${JSON.stringify(manifest, null, 2)}\n`);
    await rename(part, join(out, "manifest.json"));
    const kept = new Set(["manifest.json", ...entries.map(({ file }) => file.path)]);
    const ours = /^[a-z]+-[0-9a-f]{16}\.bin$|\.part$/u;
    for (const name of await readdir(out)) if (ours.test(name) && !kept.has(name)) await rm(join(out, name));
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new EngineError("OUTPUT_FAILED", { path: out, reason }, cause);
  }
  return manifest;
}
