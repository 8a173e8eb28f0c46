/** Exposes the engine to the page that made this worker. */
import { expose, transferHandlers } from "comlink";
import { throwHandler } from "../model/boundary.ts";
import { createEngine } from "./engine.ts";

transferHandlers.set("throw", throwHandler(transferHandlers.get("throw")!));
expose(createEngine());
