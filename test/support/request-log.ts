/** What a server learns: every request in full, whoever sent it: page, worker, service worker, frame. */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createListener } from "node:net";
import type { AddressInfo } from "node:net";

export interface RequestLog {
  readonly port: number;
  /**
   * "METHOD target", every header on a line of its own, the body; in order of arrival. This server's
   * own port stands as "PORT", so that the logs of two servers can be compared.
   */
  readonly requests: string[];
  /** Resolves when nothing has been asked for `forMs` and nothing is being answered. */
  quiet(forMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** @param handle answers; it need not read the body */
export async function startRequestLog(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<RequestLog> {
  const requests: string[] = [];
  const underWay = new Set<ServerResponse>();
  let lastMs = performance.now();
  const server = createServer((request, response) => {
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}`);
    const text = [`${request.method} ${request.url}`, ...headers.toSorted()].join("\n");
    const at = requests.push(text.replaceAll(`:${port}`, ":PORT")) - 1;
    request.on("data", (chunk: Buffer) => (requests[at] += `\n${chunk.toString("base64")}`));
    underWay.add(response);
    lastMs = performance.now();
    response.on("close", () => {
      underWay.delete(response);
      lastMs = performance.now();
    });
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    requests,
    async quiet(forMs = 2_000) {
      lastMs = performance.now();
      while (underWay.size > 0 || performance.now() - lastMs < forMs) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface Eavesdropper {
  readonly port: number;
  /** The host that each connection was meant for; what it began with where no host can be read. */
  readonly hosts: string[];
  close(): Promise<void>;
}

/** Takes any connection, in the clear or not, reads for whom it is, and hangs up. */
export async function startEavesdropper(): Promise<Eavesdropper> {
  const hosts: string[] = [];
  const server = createListener((socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes) => {
      hosts.push(hostOf(bytes.toString("latin1")));
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hosts,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** @param begin what a connection begins with, a character a byte */
function hostOf(begin: string): string {
  const header = /\r\nhost: ([^\r]+)/iu.exec(begin)?.[1];
  if (header !== undefined) return header;
  // TLS names the host before anything is encrypted: 0, the length in two bytes, the name (RFC 6066, 3).
  for (const { 1: text, index } of begin.matchAll(/\0[^]{2}([a-z0-9.-]+)/gu)) {
    const length = (begin.charCodeAt(index + 1) << 8) | begin.charCodeAt(index + 2);
    if (length <= text!.length && /\.[a-z]+$/u.test(text!.slice(0, length))) return text!.slice(0, length);
  }
  return JSON.stringify(begin.slice(0, 100));
}

/**
 * The requests that one log has and the other lacks, each as often as it is lacking; [] for equal
 * logs. Parallel requests may overtake one another, so their order is not compared.
 */
export function differences(one: readonly string[], other: readonly string[]): string[] {
  const surplus = new Map<string, number>();
  for (const request of one) surplus.set(request, (surplus.get(request) ?? 0) + 1);
  for (const request of other) surplus.set(request, (surplus.get(request) ?? 0) - 1);
  return [...surplus].flatMap(([request, count]) => Array<string>(Math.abs(count)).fill(request));
}

/** "METHOD target" of a logged request. */
export function lineOf(request: string): string {
  return request.split("\n", 1)[0]!;
}
