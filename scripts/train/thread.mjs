/** A worker thread does not inherit tsx: it registers it, then runs the TypeScript body. */
import { register } from "tsx/esm/api";

register();
await import("./thread.ts");
