/**
 * `npm run bench:training`: what an epoch of iALS costs on interactions of the size of MovieLens 20M, generated:
 * people and items are drawn from power laws. `--interactions`, `--users`, `--items`, `--dimensions`, `--epochs`, `--json`.
 */
import { parseArgs } from "node:util";
import { reporter } from "../scripts/output.ts";
import { trainIals } from "../scripts/train/ials.ts";
import { buildInteractionMatrix } from "../scripts/train/interaction-matrix.ts";
import type { InteractionMatrix } from "../scripts/train/interaction-matrix.ts";
import { seededRandom } from "../scripts/train/random.ts";
import { ThreadPool } from "../scripts/train/thread-pool.ts";
import { measuredOn, runBench, SEED } from "./bench.ts";

/** Zipf-like: the share of the entity of rank r falls as r^-EXPONENT; about that of MovieLens's items. */
const EXPONENT = 0.8;

/** Everybody has as many items, all distinct. */
function generated(interactions: number, users: number, items: number): InteractionMatrix {
  const random = seededRandom(SEED);
  const each = Math.floor(interactions / users);
  if (2 * each > items)
    throw new Error(`${interactions} interactions are too many for ${users} users and ${items} items`);
  const userRows = new Uint32Array(each * users);
  const itemRows = new Uint32Array(each * users);
  const lastUser = new Int32Array(items).fill(-1);
  for (let user = 0, at = 0; user < users; user++) {
    for (const end = at + each; at < end;) {
      // The inverse of the cumulative share of a continuous power law.
      const item = Math.floor(items * random() ** (1 / (1 - EXPONENT)));
      if (lastUser[item] === user) continue;
      lastUser[item] = user;
      userRows[at] = user;
      itemRows[at++] = item;
    }
  }
  return buildInteractionMatrix({
    users,
    items,
    userRows,
    itemRows,
    weights: new Float32Array(userRows.length).fill(1),
  });
}

const OPTIONS = { interactions: "20000000", users: "138000", items: "27000", dimensions: "64", epochs: "3" } as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      ...(Object.fromEntries(
        Object.entries(OPTIONS).map(([name, value]) => [name, { type: "string", default: value }]),
      ) as Record<keyof typeof OPTIONS, { type: "string"; default: string }>),
    },
  });
  const out = reporter(values.json);
  const [interactions, users, items, dimensions, epochs] = Object.keys(OPTIONS).map((name) => {
    const text = values[name as keyof typeof OPTIONS];
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} ${text}: expected a whole number from 1`);
    return value;
  }) as [number, number, number, number, number];
  out.log("Generating the interactions ...");
  const matrix = generated(interactions, users, items);
  const pool = await ThreadPool.open({ onProgress: (done, total, label) => out.progress(label, done, total) });
  const seconds = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  const ends = [seconds()];
  try {
    await trainIals(matrix, { dimensions, epochs, lambda: 0.003, alpha0: 0.3, seed: SEED }, pool, () => {
      ends.push(seconds());
    });
  } finally {
    await pool.close();
  }
  const perEpoch = ends.slice(1).map((end, at) => end - ends[at]!);
  const report = {
    interactions: matrix.indices.length,
    users,
    items,
    dimensions,
    /** The first holds what is done once: sharing and transposing the matrix. */
    cpuSecondsPerEpoch: perEpoch,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    ...measuredOn(),
  };
  out.result(
    report,
    [
      `iALS, ${dimensions} dimensions: ${report.interactions.toLocaleString("en")} generated interactions of ${users.toLocaleString("en")} users with ${items.toLocaleString("en")} items`,
      `CPU s an epoch: ${perEpoch.map((value) => value.toFixed(1)).join(", ")}; the first with what is done once`,
      `peak memory of the whole process: ${(report.peakMemoryBytes / 1e9).toFixed(2)} GB`,
      `${report.machine}, ${report.date}`,
    ].join("\n"),
  );
}

await runBench(main);
