import { join } from "node:path";
import { build } from "vite";
import type { Rolldown } from "vite";
import { ROOT } from "../paths.ts";

/** A module and all that it imports as one plain script, minified. @param entry its path in the repository */
export async function scriptOf(entry: string): Promise<string> {
  const built = await build({
    configFile: false,
    root: ROOT,
    logLevel: "warn",
    build: {
      target: "es2023",
      write: false,
      lib: { entry: join(ROOT, entry), formats: ["iife"], name: "affiche" },
    },
  });
  const [{ output }] = built as Rolldown.RolldownOutput[] as [Rolldown.RolldownOutput];
  return output[0].code;
}
