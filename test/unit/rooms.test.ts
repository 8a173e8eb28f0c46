/** The room rules of the house hold because the linter refuses what breaks them: each rule, shown to fail. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../../scripts/paths.ts";

const house = mkdtempSync(join(tmpdir(), "affiche-rooms-"));

beforeAll(() => copyFileSync(join(ROOT, ".oxlintrc.json"), join(house, ".oxlintrc.json")));
afterAll(() => rmSync(house, { recursive: true }));

/** The rules that a file at that place breaks. */
function broken(path: string, text: string): string {
  const file = join(house, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, "node_modules/oxlint/bin/oxlint"), "-c", ".oxlintrc.json", "--format", "unix", path],
    { cwd: house, encoding: "utf8" },
  );
  return stdout + stderr;
}

const use = (specifier: string): string => `import { x } from "${specifier}";\nexport const y = x + 1;\n`;

describe("rooms", () => {
  test.each([
    ["src/model/a.ts", "../worker/engine.ts"],
    ["src/model/a.ts", "../ui/client.ts"],
    ["src/model/a.ts", "../../scripts/paths.ts"],
    ["src/model/a.ts", "node:fs"],
    ["src/model/a.ts", "idb"],
    ["src/model/a.ts", "@tensorflow/tfjs-backend-cpu"],
    ["src/model/deep/a.ts", "../../worker/engine.ts"],
    ["src/worker/a.ts", "../ui/client.ts"],
    ["src/worker/a.ts", "../../scripts/paths.ts"],
    ["src/worker/a.ts", "idb"],
    ["src/worker/a.ts", "comlink"],
    ["src/worker/a.ts", "@tensorflow/tfjs-backend-webgpu"],
    ["src/worker/delivery/a.ts", "idb"],
    ["src/worker/store/a.ts", "@tensorflow/tfjs-core"],
    ["src/worker/store/a.ts", "../../ui/client.ts"],
    ["src/worker/device/a.ts", "idb"],
    ["src/worker/main.ts", "idb"],
    ["src/ui/pages/a.ts", "../../worker/engine.ts"],
    ["src/ui/a.ts", "comlink"],
    ["src/ui/a.ts", "@tensorflow/tfjs-core"],
    ["src/ui/client.ts", "../worker/engine.ts"],
    ["src/ui/engine-worker.ts", "../worker/engine.ts"],
    ["src/worker/service-worker.ts", "./engine.ts"],
    ["scripts/a.ts", "../src/worker/engine.ts"],
    ["scripts/train/a.ts", "../../src/ui/client.ts"],
    ["scripts/a.ts", "../test/support/x.ts"],
  ])("%s may not import %s", (path, specifier) => {
    expect(broken(path, use(specifier))).toContain("no-restricted-imports");
  });

  test.each([
    ["src/model/a.ts", "../model/errors.ts"],
    ["src/model/a.ts", "valibot"],
    ["src/model/a.ts", "@tensorflow/tfjs-core"],
    ["src/worker/a.ts", "../model/contract.ts"],
    ["src/worker/store/a.ts", "idb"],
    ["src/worker/device/a.ts", "@tensorflow/tfjs-backend-webgpu"],
    ["src/worker/main.ts", "comlink"],
    ["src/ui/engine-worker.ts", "../worker/main.ts?worker&url"],
    ["src/ui/a.ts", "lit"],
    ["src/ui/client.ts", "comlink"],
    ["scripts/a.ts", "../src/model/errors.ts"],
  ])("%s may import %s", (path, specifier) => {
    expect(broken(path, use(specifier))).not.toContain("no-restricted-imports");
  });

  test("only device uses navigator.gpu, model uses no platform", () => {
    const gpu = "export const adapter = (): unknown => navigator.gpu;\n";
    expect(broken("src/worker/b.ts", gpu)).toContain("no-restricted-properties");
    expect(broken("src/ui/b.ts", gpu)).toContain("no-restricted-properties");
    expect(broken("src/worker/device/b.ts", gpu)).not.toContain("no-restricted");
    expect(broken("src/model/b.ts", "export const now = (): number => Date.now();\n")).toContain(
      "no-restricted-globals",
    );
    expect(broken("src/model/c.ts", "export const d = (): unknown => document;\n")).toContain("no-restricted-globals");
  });

  test("a cycle is refused", () => {
    mkdirSync(join(house, "src/model/cycle"), { recursive: true });
    writeFileSync(
      join(house, "src/model/cycle/b.ts"),
      'import { a } from "./a.ts";\nexport const b = (): number => a();\n',
    );
    expect(
      broken("src/model/cycle/a.ts", 'import { b } from "./b.ts";\nexport const a = (): number => b();\n'),
    ).toContain("no-cycle");
  });
});
