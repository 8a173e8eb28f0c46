/**
 * Exposes the engine to the page that made this worker. As a shared worker it serves the frame of
 * another site's page with the person's own profile: an engine for each connection, until "close".
 */
import { expose, transferHandlers } from "comlink";
import { throwHandler } from "../model/boundary.ts";
import { createEngine } from "./engine.ts";

transferHandlers.set("throw", throwHandler(transferHandlers.get("throw")!));
if ("onconnect" in globalThis) {
  addEventListener("connect", (event) => {
    const [port] = (event as MessageEvent).ports;
    port!.addEventListener("message", ({ data }) => {
      if (data === "close") close();
    });
    expose(createEngine(), port!);
  });
} else expose(createEngine());
