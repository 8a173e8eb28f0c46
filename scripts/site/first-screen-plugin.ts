/**
 * Puts `src/ui/first-screen.ts` ahead of the page's style sheet: in a build as a plain script, for which
 * the parser waits and with it the first paint; a module would come after it.
 */
import type { Plugin } from "vite";
import { scriptOf } from "./script-of.ts";

const ENTRY = "src/ui/first-screen.ts";
const NAME = "first-screen";

export function firstScreenPlugin(): Plugin {
  return {
    name: "affiche-first-screen",
    async buildStart() {
      // Not in development, which has no bundle to emit to.
      if (this.environment.mode !== "build") return;
      this.emitFile({ type: "asset", name: `${NAME}.js`, source: await scriptOf(ENTRY) });
    },
    transformIndexHtml: {
      order: "post",
      handler(_, { path, bundle }) {
        if (path !== "/index.html") return [];
        const file = Object.keys(bundle ?? {}).find((name) => name.startsWith(`assets/${NAME}-`));
        if (bundle !== undefined && file === undefined) throw new Error(`The build has no ${NAME} script.`);
        const attrs = file === undefined ? { type: "module", src: `/${ENTRY}` } : { src: `./${file}` };
        return [{ tag: "script", attrs, injectTo: "head" }];
      },
    },
  };
}
