/**
 * The manifest of a bundle: what it holds and how to know it is whole.
 */
import * as v from "valibot";
import { EngineError } from "../errors.ts";

export const BUNDLE_FORMAT_VERSION = 2;

/** In the fixed order in which they are written and downloaded. */
export const FILE_ROLES = ["catalogue", "items", "neighbours", "clusters", "tower", "ranker"] as const;
export type FileRole = (typeof FILE_ROLES)[number];

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const fileSchema = v.strictObject({
  role: v.picklist(FILE_ROLES),
  /** `<role>-<first 16 hex digits of the hash>.bin`: immutable, beside the manifest. */
  path: v.pipe(v.string(), v.regex(/^[a-z]+-[0-9a-f]{16}\.bin$/u)),
  bytes: v.pipe(count, v.minValue(1)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/u)),
});

const schema = v.strictObject({
  format: v.literal("affiche-bundle"),
  formatVersion: v.literal(BUNDLE_FORMAT_VERSION),
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,63}$/u)),
  /** Set by the operator; only ever rises. */
  version: v.pipe(count, v.minValue(1)),
  data: v.strictObject({
    name: v.string(),
    simulated: v.boolean(),
    users: count,
    items: count,
    interactions: count,
  }),
  dimensions: v.pipe(count, v.minValue(2), v.multipleOf(2)),
  clusters: v.pipe(count, v.minValue(1)),
  ranker: v.picklist(["trained", "retrieval"]),
  /** The evaluation that `build` ran, as `evaluate --json` prints it; shown, never computed with. */
  evaluation: v.nullable(v.record(v.string(), v.unknown())),
  files: v.array(fileSchema),
});

export type Manifest = v.InferOutput<typeof schema>;
export type ManifestFile = v.InferOutput<typeof fileSchema>;

/**
 * @param json the parsed manifest
 * @throws BUNDLE_UNSUPPORTED for another format version, BUNDLE_MANIFEST_INVALID otherwise
 */
export function parseManifest(json: unknown): Manifest {
  const formatVersion = (json as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof formatVersion === "number" && formatVersion !== BUNDLE_FORMAT_VERSION) {
    throw new EngineError("BUNDLE_UNSUPPORTED", { got: formatVersion, expected: BUNDLE_FORMAT_VERSION });
  }
  const result = v.safeParse(schema, json);
  if (!result.success) {
    const [issue] = result.issues;
    throw new EngineError("BUNDLE_MANIFEST_INVALID", {
      reason: `${v.getDotPath<typeof schema>(issue) ?? "manifest"}: ${issue.message}`,
    });
  }
  const manifest = result.output;
  const expected = FILE_ROLES.filter((role) => role !== "ranker" || manifest.ranker === "trained");
  const got = manifest.files.map((file) => file.role);
  if (got.join() !== expected.join()) {
    throw new EngineError("BUNDLE_MANIFEST_INVALID", {
      reason: `files are ${got.join(", ")}, expected ${expected.join(", ")}`,
    });
  }
  return manifest;
}

/** Total size of the files, bytes. */
export function bundleBytes(manifest: Manifest): number {
  return manifest.files.reduce((sum, file) => sum + file.bytes, 0);
}
