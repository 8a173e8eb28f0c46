/** The built app as users get it: static files and their headers, on this machine only. */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import sirv from "sirv";
import { EngineError } from "../../src/model/errors.ts";
import { cacheControl, SECURITY_HEADERS } from "./headers.ts";

export interface SiteServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `site`, with bundles straight from `models`, so that a new bundle is seen without a new build.
 * @throws PORT_IN_USE
 */
export async function serveSite(options: { site: string; models: string; port: number }): Promise<SiteServer> {
  const cacheUnder =
    (prefix: string) =>
    (response: ServerResponse, path: string): void => {
      response.setHeader("Cache-Control", cacheControl(prefix + path));
    };
  // "dev" reads the folder on every request instead of once at the start.
  const serveModels = sirv(options.models, { dev: true, etag: true, setHeaders: cacheUnder("/models") });
  const servePages = sirv(options.site, { dev: true, etag: true, setHeaders: cacheUnder("") });
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const notFound = (): void => {
      response.statusCode = 404;
      response.setHeader("Content-Type", "text/plain; charset=utf-8");
      response.end("Not found\n");
    };
    if (request.url?.startsWith("/models/")) {
      request.url = request.url.slice("/models".length);
      serveModels(request, response, notFound);
    } else servePages(request, response, notFound);
  };
  // "localhost" is one of these two, depending on the machine.
  const servers = [await listen(handle, "127.0.0.1", options.port)];
  const { port } = servers[0]!.address() as { port: number };
  try {
    servers.push(await listen(handle, "::1", port));
  } catch (error) {
    // A machine without IPv6 has no ::1.
    if (!["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes((error as NodeJS.ErrnoException).code ?? "")) {
      await closeAll(servers);
      throw error;
    }
  }
  return { url: `http://localhost:${port}`, close: () => closeAll(servers) };
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    ),
  );
}

function listen(handle: Parameters<typeof createServer>[1], host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(handle!);
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new EngineError("PORT_IN_USE", { port }, error) : error);
    });
    server.listen(port, host, () => resolve(server));
  });
}
