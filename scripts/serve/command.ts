import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineCommand } from "citty";
import { EngineError } from "../../src/model/errors.ts";
import { ROOT } from "../paths.ts";
import { serveSite } from "./server.ts";

const DEFAULT_PORT = 4173;

export const serveCommand = defineCommand({
  meta: { name: "serve", description: "Serve the built app with its security headers until Ctrl-C" },
  args: {
    port: { type: "string", description: `Port (default: PORT, else ${DEFAULT_PORT})` },
  },
  async run({ args }) {
    const site = join(ROOT, "dist");
    if (!existsSync(join(site, "index.html"))) {
      throw new EngineError("DATA_MISSING", {
        path: "dist/index.html",
        remedy: "Run npm start, which builds the app.",
      });
    }
    const text = args.port ?? process.env["PORT"] ?? String(DEFAULT_PORT);
    const port = Number(text);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new EngineError("USAGE", { reason: `"${text}" is not a port.` });
    }
    const server = await serveSite({ site, models: join(ROOT, "public", "models"), port });
    process.stdout.write(`${server.url}\n`);
    const stop = (): void => void server.close().then(() => process.exit(0));
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  },
});
