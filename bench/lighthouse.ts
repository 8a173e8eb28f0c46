/**
 * `npm run bench:lighthouse`: what Lighthouse says of the app on a phone, built and served as users get
 * it, with the demo bundle. `--runs 5`, `--route "#page=offer&item=ID"`, `--json`.
 *
 * Lighthouse is no dependency: npm fetches the version below into its own cache the first time.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildSite, makeDemoBundle } from "../scripts/bootstrap.mjs";
import { CHROMIUM_ARGS, chromiumPath, ensureChromium } from "../scripts/chromium.mjs";
import { reporter } from "../scripts/output.ts";
import { ROOT } from "../scripts/paths.ts";
import { serveSite } from "../scripts/serve/server.ts";
import { measuredOn, runBench } from "./bench.ts";

/** The newest release that runs on Node 20: Lighthouse 13 declares Node 22.19. */
const LIGHTHOUSE = { version: "12.8.2", oldestNode: [18, 16] } as const;

/** The parts of a Lighthouse result that are read here. */
interface Report {
  readonly environment: { readonly hostUserAgent: string; readonly benchmarkIndex: number };
  readonly runtimeError?: { readonly message: string };
  readonly categories: Readonly<
    Record<string, { readonly score: number | null; readonly auditRefs: readonly { readonly id: string }[] }>
  >;
  readonly audits: Readonly<Record<string, { readonly score: number | null; readonly numericValue?: number }>>;
}

const CATEGORIES = ["performance", "accessibility", "best-practices"] as const;
/** Audits with a number, and how it is printed. */
const METRICS = [
  ["first-contentful-paint", "s"],
  ["largest-contentful-paint", "s"],
  ["speed-index", "s"],
  ["total-blocking-time", "ms"],
  ["cumulative-layout-shift", ""],
  ["total-byte-weight", "kB"],
] as const;

interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** @throws where npm or Lighthouse stops, with what it said */
async function measure(url: string, report: string): Promise<Report> {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["exec", "--yes", `--package=lighthouse@${LIGHTHOUSE.version}`, "--", "lighthouse", url, "--quiet"];
  args.push("--output=json", `--output-path=${report}`, `--only-categories=${CATEGORIES.join(",")}`);
  // Without the software WebGPU adapter: it computes on the processor that the page is timed on, which no
  // device does that has a graphics processor or none. The engine runs on WebAssembly here.
  args.push(`--chrome-flags=${["--headless=new", ...CHROMIUM_ARGS].join(" ")}`);
  const path = chromiumPath();
  const env = { ...process.env, ...(path === undefined ? {} : { CHROME_PATH: path }) };
  const child = spawn(npm, args, { cwd: ROOT, env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  if (code !== 0) throw new Error(`Lighthouse ${LIGHTHOUSE.version} could not be fetched or run:\n${said.trim()}`);
  const result = JSON.parse(readFileSync(report, "utf8")) as Report;
  if (result.runtimeError) throw new Error(`Lighthouse could not measure: ${result.runtimeError.message}`);
  return result;
}

function summarise(reports: readonly Report[], route: string) {
  const failed = (report: Report, category: string): string[] =>
    report.categories[category]!.auditRefs.map(({ id }) => id).filter((id) => {
      const score = report.audits[id]?.score ?? null;
      return score !== null && score < 1;
    });
  return {
    ...measuredOn(),
    lighthouse: LIGHTHOUSE.version,
    chromium: /Chrome\/([\d.]+)/u.exec(reports[0]!.environment.hostUserAgent)?.[1] ?? "unknown",
    // Lighthouse's own measure of the machine's speed while it ran; a busy machine scores lower.
    benchmarkIndex: spreadOf(reports.map(({ environment }) => environment.benchmarkIndex)),
    route,
    runs: reports.length,
    scores: Object.fromEntries(
      CATEGORIES.map((name) => [
        name,
        spreadOf(reports.map(({ categories }) => Math.round(100 * (categories[name]?.score ?? 0)))),
      ]),
    ),
    metrics: Object.fromEntries(
      METRICS.map(([id]) => [id, spreadOf(reports.map(({ audits }) => audits[id]?.numericValue ?? NaN))]),
    ),
    failedAudits: [
      ...new Set(reports.flatMap((report) => CATEGORIES.slice(1).flatMap((category) => failed(report, category)))),
    ],
  };
}

function describe(summary: ReturnType<typeof summarise>): string {
  const { scores, metrics, benchmarkIndex, failedAudits } = summary;
  const line = (name: string, { median, min, max }: Spread, unit: string, format: (value: number) => string): string =>
    `${name.padEnd(26)} ${format(median).padStart(7)} ${unit.padEnd(3)} (${format(min)} to ${format(max)})`;
  return [
    `Lighthouse ${summary.lighthouse}, mobile, /${summary.route} on the demo bundle, ${summary.runs} runs, ${summary.date}`,
    `Chromium ${summary.chromium}, ${summary.machine}`,
    ...Object.entries(scores).map(([name, score]) => line(name, score, "", String)),
    ...METRICS.map(([id, unit]) => {
      const per = unit === "s" || unit === "kB" ? 1000 : 1;
      const digits = { s: 2, ms: 0, "": 3, kB: 0 }[unit];
      return line(id, metrics[id]!, unit, (value) => (value / per).toFixed(digits));
    }),
    line("benchmark index", benchmarkIndex, "", (value) => value.toFixed(0)),
    ...(failedAudits.length === 0 ? [] : [`not passed: ${failedAudits.join(", ")}`]),
  ].join("\n");
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "5" },
      route: { type: "string", default: "" },
      json: { type: "boolean", default: false },
    },
  });
  const output = reporter(values.json);
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: expected a whole number from 1`);
  const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];
  const [oldestMajor, oldestMinor] = LIGHTHOUSE.oldestNode;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    output.log(
      `Skipped: Lighthouse ${LIGHTHOUSE.version} needs Node ${oldestMajor}.${oldestMinor} or newer, this is Node ${process.versions.node}.`,
    );
    return;
  }
  ensureChromium();
  await makeDemoBundle();
  await buildSite();
  const server = await serveSite({ site: join(ROOT, "dist"), models: join(ROOT, "public", "models"), port: 0 });
  const folder = mkdtempSync(join(tmpdir(), "affiche-lighthouse-"));
  try {
    const reports: Report[] = [];
    for (let run = 1; run <= runs; run++) {
      output.progress("Lighthouse", run, runs);
      reports.push(await measure(`${server.url}/${values.route}`, join(folder, `${run}.json`)));
    }
    const summary = summarise(reports, values.route);
    output.result(summary, describe(summary));
  } finally {
    rmSync(folder, { recursive: true });
    await server.close();
  }
}

await runBench(main);
