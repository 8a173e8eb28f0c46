/** Compiles the AssemblyScript kernels to WebAssembly, where a source is newer than its output. */
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

// AS201 warns of pointers kept in 32 bits: in a 32-bit memory that is what they are.
const OPTIMISED = ["--optimizeLevel", "3", "--shrinkLevel", "0", "--converge", "--noAssert", "--disableWarning", "201"];
// No managed object is ever made: the stub runtime is left out of the output, and no stack lies in the memory.
const BARE = ["--runtime", "stub", "--importMemory", "--noExportMemory"];

/** Paths from the repository root. A source is stale with any `.ts` file of its folder. */
const KERNELS = [
  {
    source: "scripts/train/assembly/kernels.ts",
    output: "scripts/train/kernels.wasm",
    // Shared by the training threads, up to 65,536 pages of 64 KiB (4 GiB).
    flags: [...OPTIMISED, ...BARE, "--enable", "simd,threads", "--sharedMemory", "--maximumMemory", "65536"],
  },
  {
    source: "src/worker/retrieval/assembly/scan.ts",
    output: "src/worker/retrieval/scan.wasm",
    flags: [...OPTIMISED, ...BARE, "--enable", "simd"],
  },
  {
    source: "src/worker/retrieval/assembly/scan.ts",
    output: "src/worker/retrieval/scan-relaxed.wasm",
    flags: [...OPTIMISED, ...BARE, "--enable", "simd,relaxed-simd"],
  },
  {
    source: "bench/retrieval/assembly/sum.ts",
    output: "bench/retrieval/sum.wasm",
    flags: [...OPTIMISED, ...BARE, "--enable", "simd"],
  },
];

/** Milliseconds since 1970, or -Infinity where there is no such file. */
async function modifiedMs(path) {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (error.code === "ENOENT") return -Infinity;
    throw error;
  }
}

async function newestMs(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".ts"));
  return Math.max(...(await Promise.all(names.map((name) => modifiedMs(join(folder, name))))));
}

export async function buildKernels() {
  const thisMs = await modifiedMs(fileURLToPath(import.meta.url));
  for (const { source, output, flags } of KERNELS) {
    if ((await modifiedMs(join(ROOT, source))) === -Infinity) continue;
    const sourceMs = Math.max(thisMs, await newestMs(join(ROOT, dirname(source))));
    if ((await modifiedMs(join(ROOT, output))) >= sourceMs) continue;
    // Loaded here, not above: the compiler takes longer to load than all checks together.
    const { main: compile } = await import("assemblyscript/asc");
    // Renamed into place, so that a process that reads it meets the old or the new file, never half of one.
    const partial = `${output}.${process.pid}.partial`;
    await mkdir(join(ROOT, dirname(output)), { recursive: true });
    const { error, stderr } = await compile([source, "--outFile", partial, "--baseDir", ROOT, ...flags]);
    if (error) {
      await rm(join(ROOT, partial), { force: true });
      throw new Error(
        `${source} does not compile: ${error.message}\n${/** @type {{ toString(): string }} */ (stderr).toString()}`,
      );
    }
    await rename(join(ROOT, partial), join(ROOT, output));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildKernels();
