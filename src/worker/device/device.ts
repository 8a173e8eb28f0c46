/**
 * Which backend computes: WebGPU, then WebAssembly, then JavaScript. A backend counts only once it
 * has computed something and was right.
 */
import { BACKEND_NAMES } from "../../model/contract.ts";
import type { BackendName, DeviceState } from "../../model/contract.ts";
import { EngineError } from "../../model/errors.ts";
import { openCpu } from "./cpu.ts";
import { verifyBackend } from "./verify.ts";
import { openWasm } from "./wasm.ts";
import { closeWebGpu, openWebGpu } from "./webgpu.ts";

export interface Device {
  readonly state: Omit<DeviceState, "retrieval">;
  /** tfjs's own device, for passes of ours; null unless the backend is webgpu. */
  readonly gpu: GPUDevice | null;
}

interface OpenBackend {
  readonly adapter: string;
  readonly gpu: GPUDevice | null;
}

/** Hears once that a GPU device was lost, whatever the cause; {@link recoverDevice} is the remedy. */
export type LostListener = (device: Device, reason: string) => void;

const OPEN = { webgpu: openWebGpu, wasm: openWasm, cpu: openCpu } as const satisfies Record<
  BackendName,
  () => Promise<OpenBackend>
>;

/** What a device needs to be replaced, and the replacement once it is asked for. */
interface Lineage {
  readonly onLost: LostListener;
  readonly isReplacement: boolean;
  successor: Promise<Device> | null;
}
const lineages = new WeakMap<Device, Lineage>();

/**
 * The first backend from `first` on that works; null starts with webgpu.
 * The ones before it are in `state.rejected`, each with a reason in one line.
 * @throws INTERNAL where none works
 */
export function chooseDevice(first: BackendName | null, onLost: LostListener = () => {}): Promise<Device> {
  return choose(first ?? BACKEND_NAMES[0], [], { onLost, isReplacement: false, successor: null });
}

/**
 * The device that replaces a lost one: a new GPU device the first time, WebAssembly or JavaScript
 * the second. Asked again about the same device, it gives the same replacement. A device without a
 * GPU cannot be lost and is its own replacement.
 * @throws INTERNAL where no backend works
 */
export function recoverDevice(device: Device): Promise<Device> {
  const { gpu, state } = device;
  const lineage = lineages.get(device);
  if (!gpu || !lineage) return Promise.resolve(device);
  if (!lineage.successor) {
    const { onLost } = lineage;
    closeWebGpu(gpu);
    lineage.successor = lineage.isReplacement
      ? choose(
          "wasm",
          [...state.rejected, { backend: "webgpu", reason: "the graphics device was lost twice" }],
          lineage,
        )
      : choose("webgpu", state.rejected, { onLost, isReplacement: true, successor: null });
  }
  return lineage.successor;
}

async function choose(first: BackendName, earlier: DeviceState["rejected"], lineage: Lineage): Promise<Device> {
  const rejected = [...earlier];
  for (const backend of BACKEND_NAMES.slice(BACKEND_NAMES.indexOf(first))) {
    try {
      const { adapter, gpu } = await open(backend);
      const device: Device = { state: { backend, adapter, rejected }, gpu };
      lineages.set(device, { ...lineage, successor: null });
      void gpu?.lost.then(({ message, reason }) => lineage.onLost(device, message || reason));
      return device;
    } catch (cause) {
      rejected.push({ backend, reason: reasonOf(cause) });
    }
  }
  throw new EngineError("INTERNAL", {
    reason: `no backend works: ${rejected.map(({ backend, reason }) => `${backend}: ${reason}`).join("; ")}`,
  });
}

async function open(backend: BackendName): Promise<OpenBackend> {
  const opened = await OPEN[backend]();
  try {
    await verifyBackend(backend);
    return opened;
  } catch (cause) {
    if (opened.gpu) closeWebGpu(opened.gpu);
    throw cause;
  }
}

/** Any thrown value in one line. */
export function reasonOf(cause: unknown): string {
  const message = (cause as { message?: unknown } | null)?.message;
  return (typeof message === "string" ? message : String(cause)).split("\n", 1)[0]!;
}
