import { html } from "lit";
import { RETRIEVAL_ENGINES } from "../../model/contract.ts";
import type { EngineState, RetrievalState, StageTimings } from "../../model/contract.ts";
import type { Locale } from "../parts/locale.ts";
import { factList } from "./fact-list.ts";
import type { Fact } from "./fact-list.ts";

/** What runs where: backend, catalogue, storage and the time the last page took. */
export function machineFacts(
  locale: Locale,
  { bundle, device, storage }: EngineState,
  timings: StageTimings | null,
  usedBytes: number | null,
  quotaBytes: number | null,
  /** Whether the browser has promised to keep the storage; null: it does not say. */
  persistent: boolean | null,
) {
  const { t } = locale;
  const info = bundle.status === "ready" ? bundle.info : null;
  const space =
    usedBytes === null || quotaBytes === null
      ? t.unknown
      : t.bytesOf(locale.bytes(usedBytes), locale.bytes(quotaBytes));
  const facts: readonly Fact[] = [
    [t.backend, device === null ? t.unknown : t.backends[device.backend]],
    [t.adapter, device?.adapter ?? ""],
    ...(device?.rejected ?? []).map(({ backend, reason }) => [t.rejected(t.backends[backend]), reason] as const),
    ...(device === null ? [] : retrievalFacts(locale, device.retrieval)),
    [t.ranker, info === null ? "" : t.rankers[info.ranker]],
    [t.timings, timings === null ? "" : times(locale, timings)],
    [t.catalogue, info === null ? t.unknown : `${info.name}, ${t.version(String(info.version))}`],
    [t.catalogueSize, info === null ? "" : `${locale.count(info.items, t.works)}, ${locale.bytes(info.bytes)}`],
    [t.storage, t.storages[storage]],
    [t.space, space],
    [t.persistence, persistent === null ? "" : persistent ? t.persistences.persistent : t.persistences.evictable],
  ];
  return factList(facts, "facts machine");
}

/** Which engine and why, why not another, and what each that was measured takes. */
function retrievalFacts(locale: Locale, { engine, choice, timings, rejected }: RetrievalState): readonly Fact[] {
  const { t } = locale;
  const measured = RETRIEVAL_ENGINES.filter((one) => timings[one] !== undefined).map((one) =>
    `${t.engines[one]} ${locale.milliseconds(timings[one]!)}`.replaceAll(" ", "\u00a0"),
  );
  return [
    [t.retrieval, html`${t.retrievals[engine]} <span class="small">${t.retrievalChoices[choice]}</span>`],
    ...rejected.map((one) => [t.retrievalRejected(t.engines[one.engine]), one.reason] as const),
    [t.searchTimes, measured.join(" · ")],
  ];
}

function times(locale: Locale, { towerMs, retrievalMs, rankingMs, slateMs, totalMs }: StageTimings) {
  const [tower, retrieval, ranking, slate] = [towerMs, retrievalMs, rankingMs, slateMs].map((ms) =>
    locale.milliseconds(ms),
  ) as [string, string, string, string];
  return html`${locale.t.total(locale.milliseconds(totalMs))}
    <span class="small">${locale.t.timing(tower, retrieval, ranking, slate)}</span>`;
}
