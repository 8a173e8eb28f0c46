import { setBackend } from "@tensorflow/tfjs-core";

/** tfjs in plain JavaScript: everywhere, slowest. */
export async function openCpu(): Promise<{ adapter: string; gpu: null }> {
  await import("@tensorflow/tfjs-backend-cpu");
  if (!(await setBackend("cpu"))) throw new Error("tfjs could not start its JavaScript backend");
  return { adapter: "", gpu: null };
}
