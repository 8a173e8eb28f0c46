import { vi } from "vitest";
import { runCommand } from "citty";
import type { CommandDef } from "citty";

/** Runs a command in this process and keeps what it prints. */
export async function run(command: unknown, ...rawArgs: string[]): Promise<{ out: string; err: string }> {
  const out = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const err = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    await runCommand(command as CommandDef, { rawArgs });
    const text = (spy: typeof out): string => spy.mock.calls.map(([part]) => String(part)).join("");
    return { out: text(out), err: text(err) };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}
