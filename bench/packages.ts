/**
 * Packages that only a benchmark needs, and that are large: each set has a folder, a lock and a `node_modules` of its own
 * and is installed when it is first measured, never by `npm ci` of the product.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../scripts/paths.ts";

/**
 * Installs what the lock of bench/<name> says, where that is not there yet.
 * @returns the folder of the packages
 * @throws where they cannot be installed, with the remedy
 */
export async function installPackages(name: "peers" | "gpu", log: (line: string) => void): Promise<string> {
  const folder = join(ROOT, "bench", name);
  const modules = join(folder, "node_modules");
  const stamp = join(modules, ".affiche-lock");
  const lock = createHash("sha256")
    .update(readFileSync(join(folder, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return modules;
  log(`Installing the packages of bench/${name} ...`);
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const child = spawn(npm, ["ci"], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => (said += String(chunk)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) {
    // npm says a code, then what it means, then where in npm that was.
    const reason = said
      .split("\n")
      .filter((line) => /^npm error (?!code |syscall |errno | *at )/u.test(line))
      .map((line) => line.slice("npm error".length).trim())[0];
    throw new Error(
      `bench/${name} is not installed, connect to the network and try again (npm: ${reason ?? `code ${code}`})`,
    );
  }
  writeFileSync(stamp, lock);
  return modules;
}
