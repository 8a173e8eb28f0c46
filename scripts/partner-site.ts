/** The example of a partner's page, on a site of its own: 127.0.0.1 is another site than localhost. */
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../src/model/errors.ts";
import { ROOT } from "./paths.ts";

const FOLDER = join(ROOT, "examples", "partner");
/** Where the example's page expects the app. */
const WRITTEN_APP = "http://localhost:4173";

const FILES = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/style.css": ["style.css", "text/css; charset=utf-8"],
  "/nautilus.svg": ["nautilus.svg", "image/svg+xml"],
} as const;

/**
 * The policy of a careful host, as docs/embed.md gives it.
 * @param app the app's origin
 */
export function partnerPolicy(app: string): string {
  return [
    "default-src 'none'",
    `script-src ${app}`,
    `frame-src ${app}`,
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

export interface PartnerSite {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves examples/partner.
 * @param app the app's origin
 * @throws PORT_IN_USE
 */
export function servePartner(app: string, port: number): Promise<PartnerSite> {
  const server = createServer((request, response) => {
    const file = FILES[request.url as keyof typeof FILES] as (typeof FILES)[keyof typeof FILES] | undefined;
    if (file === undefined) {
      response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("Not found\n");
      return;
    }
    const [name, type] = file;
    response.writeHead(200, {
      "Content-Type": type,
      "Content-Security-Policy": partnerPolicy(app),
      "Cache-Control": "no-cache",
      "X-Content-Type-Options": "nosniff",
    });
    response.end(readFileSync(join(FOLDER, name), "utf8").replaceAll(WRITTEN_APP, app));
  });
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new EngineError("PORT_IN_USE", { port }, error) : error);
    });
    server.listen(port, "127.0.0.1", () => {
      const { port: chosen } = server.address() as { port: number };
      resolve({
        url: `http://127.0.0.1:${chosen}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}
