/**
 * What the site has beside the app's own chunks: the loader that partner pages take in, the service
 * worker with its list of files, and the header files of static hosts.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "vite";
import type { Plugin } from "vite";
import { ROOT } from "../paths.ts";
import { headerGroups, headersOf } from "../serve/headers.ts";
import { hostingFiles } from "../serve/hosting-files.ts";
import { readPartners } from "../serve/partners.ts";

export function sitePlugin(): Plugin {
  let outDir = "";
  return {
    name: "affiche-site",
    apply: "build",
    configResolved(config) {
      outDir = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      await buildScript(outDir, "embed.js", "src/ui/embed/loader.ts", "es");
      await buildServiceWorker(outDir);
      for (const [path, text] of Object.entries(hostingFiles(readPartners()))) {
        mkdirSync(dirname(join(outDir, path)), { recursive: true });
        writeFileSync(join(outDir, path), text);
      }
    },
  };
}

/** A script of its own at a lasting address: no chunk is shared with the app. */
async function buildScript(
  outDir: string,
  name: string,
  entry: string,
  format: "es" | "iife",
  define: Record<string, string> = {},
): Promise<void> {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: "warn",
    define,
    build: {
      target: "es2023",
      outDir,
      emptyOutDir: false,
      copyPublicDir: false,
      lib: { entry: join(ROOT, entry), formats: [format], name: "affiche", fileName: () => name },
    },
  });
}

/** The service worker with its list of files, which have to be there. */
export async function buildServiceWorker(outDir: string): Promise<void> {
  const release = JSON.stringify(releaseOf(outDir));
  await buildScript(outDir, "sw.js", "src/worker/service-worker.ts", "iife", { __RELEASE__: release });
}

/** As src/worker/service-worker.ts reads it. */
interface Release {
  readonly name: string;
  readonly files: readonly { readonly url: string; readonly integrity: string }[];
}

/**
 * Everything that the app may ever load but the bundles, which belong to IndexedDB. A release is
 * another when a file is, or a file's headers, which are kept with it.
 */
function releaseOf(outDir: string): Release {
  const assets = readdirSync(join(outDir, "assets")).map((name) => `assets/${name}`);
  // The page by the address that people open: some hosts redirect from index.html.
  const files = ["./", "icon.svg", "manifest.webmanifest", ...assets.toSorted()].map((url) => {
    const bytes = readFileSync(join(outDir, url === "./" ? "index.html" : url));
    return { url, integrity: `sha384-${createHash("sha384").update(bytes).digest("base64")}` };
  });
  const groups = headerGroups([]);
  const headers = files.map(({ url }) => headersOf(groups, url === "./" ? "/" : `/${url}`));
  const name = createHash("sha256")
    .update(JSON.stringify([files, headers]))
    .digest("hex")
    .slice(0, 16);
  return { name, files };
}
