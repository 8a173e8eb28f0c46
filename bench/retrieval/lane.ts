/**
 * A lane is a page with one engine in its worker, of one Chromium for all. A page is a process of its own: a library that
 * crashes or never answers ends with its page, and what it holds in memory is the page's.
 */
import { join } from "node:path";
import { chromium } from "playwright";
import type { Browser, Page } from "playwright";
import { createServer } from "vite";
import { CHROMIUM_ARGS, chromiumPath, ensureChromium, WEBGPU_ARGS } from "../../scripts/chromium.mjs";
import { ROOT } from "../../scripts/paths.ts";
import type { About, Answer, Question } from "./worker.ts";

/** Without it the memory of a page is told only after the next garbage collection that happens by itself, 20 s late. */
const MEASURE_AT_ONCE = "--enable-blink-features=ForceEagerMeasureMemory";

export interface Bench {
  /** Chromium's version. */
  readonly version: string;
  /** What /table answers from now on. */
  serve(vectors: Float32Array): void;
  openLane(): Promise<Lane>;
  close(): Promise<void>;
}

/** The packages of other projects. */
export interface Peers {
  /** Where they are installed. */
  readonly folder: string;
  readonly names: readonly string[];
}

/** @param peers null: none is measured */
export async function openBench(peers: Peers | null): Promise<Bench> {
  ensureChromium();
  let table: Buffer = Buffer.alloc(0);
  const server = await createServer({
    root: join(ROOT, "bench", "retrieval"),
    configFile: false,
    logLevel: "error",
    cacheDir: join(ROOT, ".affiche", "vite-bench"),
    server: {
      port: 0,
      // A file that is saved meanwhile must reload no page.
      hmr: false,
      watch: null,
      fs: { allow: [ROOT] },
      // Isolated pages have clocks of 5 microseconds, others of 100, and only they can measure their memory.
      headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
    },
    plugins: [
      {
        name: "table",
        configureServer({ middlewares }) {
          middlewares.use("/table", (_, response) => {
            response.setHeader("Content-Length", table.length).end(table);
          });
        },
      },
    ],
    resolve: {
      alias: (peers?.names ?? []).map((name) => ({ find: name, replacement: join(peers!.folder, name) })),
    },
    optimizeDeps: {
      include: [
        "@tensorflow/tfjs-core",
        "@tensorflow/tfjs-backend-cpu",
        "@tensorflow/tfjs-backend-wasm",
        "@tensorflow/tfjs-backend-webgpu",
      ],
      // A package found later would reload every page.
      noDiscovery: true,
    },
    worker: { format: "es" },
  });
  await server.listen();
  const path = chromiumPath();
  const browser = await chromium.launch({
    ...(path === undefined ? {} : { executablePath: path }),
    args: [...CHROMIUM_ARGS, ...WEBGPU_ARGS, MEASURE_AT_ONCE],
  });
  return {
    version: browser.version(),
    serve(vectors) {
      table = Buffer.from(vectors.buffer, vectors.byteOffset, vectors.byteLength);
    },
    openLane: () => Lane.open(browser, server.resolvedUrls!.local[0]!),
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** Of index.html. */
interface PageGlobals {
  ask(question: Question, about: unknown): Promise<never>;
  heapBytes(): Promise<number>;
}

export class Lane {
  readonly #page: Page;
  #bytesAtFirst = 0;
  #peakBytes = 0;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(browser: Browser, url: string): Promise<Lane> {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await page.goto(url);
    const lane = new Lane(page);
    lane.#bytesAtFirst = await lane.#bytes();
    return lane;
  }

  /**
   * @param patienceMs how long the answer may take; null: as long as it takes
   * @param doing what it does meanwhile, for the error: "building"
   * @throws what the engine threw, that its page crashed, or that patience ended: the lane is of no use then
   */
  async ask<Q extends Question>(
    question: Q,
    about: About<Q>,
    patienceMs: number | null = null,
    doing: string = question,
  ): Promise<Answer<Q>> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let crashed = (): void => {};
    const end = new Promise<never>((_, reject) => {
      crashed = () => reject(new Error(`its page crashed while ${doing}`));
      this.#page.once("crash", crashed);
      if (patienceMs === null) return;
      timer = setTimeout(() => reject(new Error(`still ${doing} after ${patienceMs / 1000} s`)), patienceMs);
    });
    try {
      const answer = this.#page.evaluate<Answer<Q>, [Question, unknown]>(
        (asked) => (globalThis as unknown as PageGlobals).ask(...asked),
        [question, about],
      );
      return await Promise.race([answer, end]);
    } catch (error) {
      throw new Error(plainMessage(error), { cause: error });
    } finally {
      clearTimeout(timer);
      this.#page.off("crash", crashed);
    }
  }

  /** Looks how much the page holds now, garbage collected. */
  async measureMemory(): Promise<void> {
    this.#peakBytes = Math.max(this.#peakBytes, (await this.#bytes()) - this.#bytesAtFirst);
  }

  /**
   * The most of what {@link measureMemory} saw beyond the page as it was before it had the items: the JavaScript heap with
   * its array buffers, after a garbage collection, so without what building threw away; the WebAssembly memories, which
   * never shrink and so have all that building needed; the buffers of the graphics device.
   */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** Ends whatever still runs in it. */
  close(): Promise<void> {
    return this.#page.close();
  }

  async #bytes(): Promise<number> {
    // In this order: the worker answers once its own code is loaded.
    const outside = await this.ask("held", undefined);
    return outside + (await this.#page.evaluate(() => (globalThis as unknown as PageGlobals).heapBytes()));
  }
}

/** Playwright puts the call before the message and the stack behind it. */
function plainMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0]!.replace(/^page\.evaluate: (?:Error: )?/u, "");
}
