/** Whom `bench:retrieval` can measure. */

/** Of engines.ts: ours and tfjs. */
export const HOUSE_NAMES = [
  "affiche wasm, every row",
  "affiche wasm, by cells",
  "affiche wasm, four bits",
  "affiche wasm, 12 shelves",
  "affiche wgsl",
  "tfjs wasm",
  "tfjs cpu",
  "tfjs webgpu",
] as const;

/** Of peers.ts: libraries that are installed only when they are measured. */
export const PEER_NAMES = [
  "hnswlib-wasm, graph",
  "hnswlib-wasm, every row",
  "edgevec",
  "voy",
  "orama",
  "client-vector-search",
  "sqlite-vec",
  "duckdb",
] as const;

export type HouseName = (typeof HOUSE_NAMES)[number];
export type PeerName = (typeof PEER_NAMES)[number];
export type EngineName = HouseName | PeerName;

export const isPeer = (name: EngineName): name is PeerName => (PEER_NAMES as readonly string[]).includes(name);

/** @throws where there is none of that name */
export function engineNames(asked: string): EngineName[] {
  const all: readonly string[] = [...HOUSE_NAMES, ...PEER_NAMES];
  return asked.split(";").map((name) => {
    if (!all.includes(name)) throw new Error(`no engine "${name}": choose of ${all.join("; ")}`);
    return name as EngineName;
  });
}
