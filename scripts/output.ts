/** What a command prints: results on stdout, everything else on stderr. */

export interface Reporter {
  /** A line for people, on stderr. */
  readonly log: (line: string) => void;
  /** What is done and what is left, on stderr; on a terminal it overwrites itself. */
  readonly progress: (label: string, done: number, total: number) => void;
  /** The result: with `--json` one JSON document on stdout and nothing else, otherwise the text. */
  readonly result: (value: unknown, human: string) => void;
}

const PROGRESS_EVERY_MS = 100;
const PROGRESS_LINE_EVERY_MS = 5_000;

export function reporter(json: boolean): Reporter {
  const terminal = process.stderr.isTTY;
  let lastMs = 0;
  let open = false;
  const closeProgress = (): void => {
    if (open) process.stderr.write("\n");
    open = false;
  };
  return {
    log(line) {
      closeProgress();
      process.stderr.write(`${line}\n`);
    },
    progress(label, done, total) {
      const now = performance.now();
      if (done < total && now - lastMs < (terminal ? PROGRESS_EVERY_MS : PROGRESS_LINE_EVERY_MS)) return;
      lastMs = now;
      const line = `${label}: ${done.toLocaleString("en")} of ${total.toLocaleString("en")}`;
      if (terminal) {
        process.stderr.write(`\r\u001B[K${line}`);
        open = true;
        if (done >= total) closeProgress();
      } else if (done >= total || done > 0) process.stderr.write(`${line}\n`);
    },
    result(value, human) {
      closeProgress();
      process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${human}\n`);
    },
  };
}
