/**
 * A static server that breaks on demand, and writes down every request.
 */
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { extname } from "node:path";

export type Fault =
  /** Ends after `at` bytes: the socket is destroyed before the promised length, or closed without one. */
  | { readonly type: "cut"; readonly at: number; readonly framing: "length" | "close" }
  /** Sends `at` bytes and then nothing more; the connection stays open. */
  | { readonly type: "stall"; readonly at: number }
  /** Whole, in ten parts, one every `everyMs`. */
  | { readonly type: "drip"; readonly everyMs: number }
  /** One bit of byte `at` is turned. */
  | { readonly type: "flip"; readonly at: number }
  /** Another body in place of the file, with status 200. */
  | { readonly type: "body"; readonly body: Uint8Array | string; readonly contentType: string }
  | { readonly type: "status"; readonly status: number }
  | { readonly type: "redirect"; readonly location: string };

export interface FaultServer {
  /** Origin with a trailing slash. */
  readonly url: string;
  /** "GET /path" in order of arrival. */
  readonly requests: string[];
  /** By path, e.g. "/models/demo/manifest.json"; a fault stays until it is deleted. */
  readonly faults: Map<string, Fault>;
  close(): Promise<void>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};

/**
 * @param read the bytes at a path that begins with "/"; null gives 404
 * @param headers sent with every answer
 */
export async function startFaultServer(
  read: (path: string) => Uint8Array | null,
  headers: Readonly<Record<string, string>> = {},
): Promise<FaultServer> {
  const requests: string[] = [];
  const faults = new Map<string, Fault>();
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, "http://localhost").pathname);
    requests.push(`${request.method} ${path}`);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.setHeader("cache-control", path.endsWith(".bin") ? "public, max-age=31536000, immutable" : "no-cache");
    const bytes = read(path);
    if (bytes === null) return void response.writeHead(404).end();
    response.setHeader("content-type", CONTENT_TYPES[extname(path)] ?? "application/octet-stream");
    answer(response, bytes, faults.get(path));
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    faults,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function answer(response: ServerResponse, bytes: Uint8Array, fault: Fault | undefined): void {
  const whole = (body: Uint8Array): void => {
    response.writeHead(200, { "content-length": body.length }).end(body);
  };
  switch (fault?.type) {
    case undefined:
      return whole(bytes);
    case "flip":
      return whole(bytes.map((byte, at) => (at === fault.at ? byte ^ 1 : byte)));
    case "body":
      response.setHeader("content-type", fault.contentType);
      return whole(typeof fault.body === "string" ? new TextEncoder().encode(fault.body) : fault.body);
    case "status":
      return void response.writeHead(fault.status).end();
    case "redirect":
      return void response.writeHead(302, { location: fault.location }).end();
    case "stall":
      response.writeHead(200, { "content-length": bytes.length });
      return fault.at > 0 ? void response.write(bytes.subarray(0, fault.at)) : response.flushHeaders();
    case "drip":
      return drip(response.writeHead(200, { "content-length": bytes.length }), bytes, fault.everyMs);
    case "cut":
      if (fault.framing === "close") {
        response.useChunkedEncodingByDefault = false;
        response.shouldKeepAlive = false;
        return void response.writeHead(200, { connection: "close" }).end(bytes.subarray(0, fault.at));
      }
      response.writeHead(200, { "content-length": bytes.length });
      // The bytes leave before the socket dies.
      response.write(bytes.subarray(0, fault.at), () => setTimeout(() => response.destroy(), 20));
  }
}

function drip(response: ServerResponse, bytes: Uint8Array, everyMs: number): void {
  const size = Math.ceil(bytes.length / 10);
  let at = 0;
  const timer = setInterval(() => {
    response.write(bytes.subarray(at, at + size));
    at += size;
    if (at < bytes.length) return;
    clearInterval(timer);
    response.end();
  }, everyMs);
  response.on("close", () => clearInterval(timer));
}
