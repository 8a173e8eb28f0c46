// `npm start`, `npm test` and `npm run affiche` on a fresh machine: plain Node, no dependency, each
// step only where its result is missing or stale. What it says goes to stderr.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STATE = join(ROOT, ".affiche");
const SITE_INPUTS = [
  "src",
  "public",
  "index.html",
  "embed.html",
  "partners.json",
  "vite.config.ts",
  join("scripts", "site"),
  join("scripts", "serve"),
  "package-lock.json",
  "tsconfig.base.json",
];
const OLDEST_NODE = [20, 19];

class Failure extends Error {}

const say = (line) => process.stderr.write(`${line}\n`);

/** Runs a program in the root folder; `capture` keeps its stderr for diagnosis. */
function run(program, args, { env = {}, stdout = "inherit", capture = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ["inherit", stdout === "stderr" ? 2 : "inherit", capture ? "pipe" : "inherit"],
    });
    const forward = (signal) => child.kill(signal);
    process.on("SIGINT", forward).on("SIGTERM", forward);
    let stderr = "";
    child.stderr?.on("data", (chunk) => (stderr += chunk));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("SIGINT", forward).off("SIGTERM", forward);
      resolve({ code: signal ? 130 : code, stderr });
    });
  });
}

export function affiche(args, options) {
  return run(process.execPath, ["--import", "tsx", join("scripts", "affiche.ts"), ...args], options);
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    throw new Failure(`Node ${process.versions.node} is too old: install Node ${OLDEST_NODE.join(".")} or newer.`);
  }
}

async function install() {
  const lock = createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");
  const stamp = join(ROOT, "node_modules", ".affiche-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  say("Installing the locked dependencies ...");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { code, stderr } = await run(npm, ["ci", "--no-audit", "--no-fund"], { stdout: "stderr", capture: true });
  if (code === 0) {
    writeFileSync(stamp, lock);
    return;
  }
  if (/ENOSPC/u.test(stderr)) throw new Failure("The disk is full: free about 1 GB and try again.");
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ERR_SOCKET/u.test(stderr)) {
    throw new Failure(
      "The package registry cannot be reached: connect to the network once, the dependencies are installed only then.",
    );
  }
  throw new Failure(`The dependencies could not be installed:\n${stderr.trim()}`);
}

async function buildKernels() {
  const kernels = await import("./kernels.mjs");
  await kernels.buildKernels();
}

export async function makeDemoBundle() {
  const bundle = join("public", "models", "demo");
  if (isOfThisFormat(join(ROOT, bundle, "manifest.json"))) return;
  say("Making the demo bundle: a simulated audience over real works ...");
  const data = join(".affiche", "data", "demo");
  for (const args of [
    ["world", "--out", data],
    ["build", "--data", data, "--out", bundle],
  ]) {
    const { code } = await affiche(args, { stdout: "stderr" });
    if (code !== 0)
      throw new Failure(`The demo bundle could not be made: affiche ${args[0]} stopped with code ${code}.`);
  }
}

/** Whether there is a bundle that the app reads, not one of an older version of it. */
function isOfThisFormat(manifest) {
  if (!existsSync(manifest)) return false;
  const [, current] = /BUNDLE_FORMAT_VERSION = (\d+)/u.exec(
    readFileSync(join(ROOT, "src", "model", "bundle", "manifest.ts"), "utf8"),
  );
  return JSON.parse(readFileSync(manifest, "utf8")).formatVersion === Number(current);
}

/** A hash of the files under the given paths, bundles left out. */
export function fingerprint(paths) {
  const hash = createHash("sha256");
  const visit = (path) => {
    if (path === join("public", "models")) return;
    const absolute = join(ROOT, path);
    if (statSync(absolute).isDirectory()) {
      for (const name of readdirSync(absolute).toSorted()) visit(join(path, name));
    } else hash.update(`${path}\0`).update(readFileSync(absolute));
  };
  for (const path of paths) if (existsSync(join(ROOT, path))) visit(path);
  return hash.digest("hex");
}

export async function buildSite() {
  const current = fingerprint(SITE_INPUTS);
  const stamp = join(STATE, "site-fingerprint");
  const fresh = existsSync(join(ROOT, "dist", "index.html")) && existsSync(stamp);
  if (fresh && readFileSync(stamp, "utf8") === current) return;
  say("Building the app ...");
  const { code, stderr } = await run(
    process.execPath,
    [join("node_modules", "vite", "bin", "vite.js"), "build", "--logLevel", "warn"],
    // A test runner that builds must not get the libraries' development builds.
    { stdout: "stderr", capture: true, env: { NODE_ENV: "production" } },
  );
  if (code !== 0)
    throw new Failure(
      /ENOSPC/u.test(stderr)
        ? "The disk is full: free some space and try again."
        : `The app could not be built:\n${stderr}`,
    );
  mkdirSync(STATE, { recursive: true });
  writeFileSync(stamp, current);
}

/** The site with its bundles in dist, as a host is to serve it. */
async function makeUpload() {
  const models = join(ROOT, "public", "models");
  const bundles = () => readdirSync(models).filter((name) => existsSync(join(models, name, "manifest.json")));
  if (bundles().length === 0) await makeDemoBundle();
  for (const page of ["index.html", "embed.html"]) {
    const name = /<meta name="affiche-bundle" content="([^"]*)"/u.exec(readFileSync(join(ROOT, page), "utf8"))?.[1];
    if (!bundles().includes(name)) {
      throw new Failure(
        `${page} opens the bundle "${name}", and public/models has ${bundles().join(", ")}: name one of those in its affiche-bundle.`,
      );
    }
  }
  await buildSite();
  // Bundles are no part of what tells a fresh build from a stale one.
  const dist = join(ROOT, "dist");
  rmSync(join(dist, "models"), { recursive: true, force: true });
  for (const name of bundles()) cpSync(join(models, name), join(dist, "models", name), { recursive: true });
  const files = readdirSync(dist, { recursive: true }).map((path) => statSync(join(dist, path)));
  const bytes = files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
  say(
    `dist is ready: ${(bytes / 1e6).toFixed(1)} MB with ${bundles().join(", ")}. Upload all of it, hidden files too (docs/hosting.md),`,
  );
  say("then: npm run check:headers -- https://your.site/");
}

const bench = (name) => async (args) =>
  (await run(process.execPath, ["--import", "tsx", join("bench", `${name}.ts`), ...args])).code;

const COMMANDS = {
  async build() {
    await makeUpload();
    return 0;
  },
  async start() {
    await makeDemoBundle();
    await buildSite();
    return (await affiche(["serve"])).code;
  },
  async "demo:partner"(args) {
    await makeDemoBundle();
    await buildSite();
    return (await run(process.execPath, ["--import", "tsx", join("scripts", "demo-partner.ts"), ...args])).code;
  },
  "bench:quality": bench("quality"),
  "bench:training": bench("training"),
  "bench:retrieval": bench("retrieval"),
  "bench:gpu": bench("gpu"),
  "bench:scoring": bench("scoring"),
  "bench:bytes": bench("bytes"),
  "bench:new-items": bench("new-items"),
  async test(args) {
    return (await run(process.execPath, [join("scripts", "check.mjs"), ...args])).code;
  },
  async affiche(args) {
    return (await affiche(args)).code;
  },
};

async function main([name, ...args]) {
  checkNode();
  await install();
  await buildKernels();
  return COMMANDS[name](args);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const full = error.code === "ENOSPC";
    say(
      full
        ? "The disk is full: free some space and try again."
        : error instanceof Failure
          ? error.message
          : error.stack,
    );
    process.exitCode = 1;
  }
}
