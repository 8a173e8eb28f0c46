/** The built app as users get it: static files and their headers, on this machine only. */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import compression from "compression";
import sirv from "sirv";
import { EngineError } from "../../src/model/errors.ts";
import { errorHeaders, headerGroups, headersOf } from "./headers.ts";
import { readPartners } from "./partners.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface SiteServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface SiteOptions {
  /** The built app's folder. */
  readonly site: string;
  /** Bundles are served straight from here, so that a new one is seen without a new build. */
  readonly models: string;
  /** Origins that may frame the embed; partners.json where absent. */
  readonly partners?: readonly string[];
}

/** What answers one request. @throws DATA_MISSING, DATA_INVALID partners.json cannot be read */
export function siteHandler({ site, models, partners = readPartners() }: SiteOptions): Handler {
  const groups = headerGroups(partners);
  // "dev" reads the folder on every request instead of once at the start.
  const serveModels = sirv(models, { dev: true, etag: true });
  const servePages = sirv(site, { dev: true, etag: true });
  // Written for Express, whose requests and responses are Node's own with more on them.
  const compress = compression() as unknown as (
    request: IncomingMessage,
    response: ServerResponse,
    next: () => void,
  ) => void;
  const answer: Handler = (request, response) => {
    const path = request.url?.replace(/[?#].*$/u, "") ?? "/";
    response.setHeaders(new Map(Object.entries(headersOf(groups, path))));
    const notFound = (): void => {
      response.setHeaders(new Map(Object.entries(errorHeaders(groups))));
      response.statusCode = 404;
      response.setHeader("Content-Type", "text/plain; charset=utf-8");
      response.end("Not found\n");
    };
    if (request.url?.startsWith("/models/")) {
      request.url = request.url.slice("/models".length);
      serveModels(request, response, notFound);
    } else servePages(request, response, notFound);
  };
  return (request, response) => compress(request, response, () => answer(request, response));
}

/** Serves the site on this machine's own addresses. @throws PORT_IN_USE, DATA_MISSING, DATA_INVALID */
export async function serveSite({ port: wanted, ...options }: SiteOptions & { port: number }): Promise<SiteServer> {
  const handle = siteHandler(options);
  // "localhost" is one of these two, depending on the machine.
  const servers = [await listen(handle, "127.0.0.1", wanted)];
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

function listen(handle: Handler, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(handle);
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new EngineError("PORT_IN_USE", { port }, error) : error);
    });
    server.listen(port, host, () => resolve(server));
  });
}
