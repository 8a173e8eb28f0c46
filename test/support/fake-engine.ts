/** An engine without a model: a small catalogue and a real history in memory, for tests of the interface. */
import type {
  EngineApi,
  EngineState,
  HomePage,
  Interaction,
  ItemCard,
  OfferPage,
  Reason,
  Shelf,
  ShelfTopic,
  StageTimings,
} from "../../src/model/contract.ts";
import { EngineError } from "../../src/model/errors.ts";

const WORKS: readonly (readonly [title: string, maker: string, kind: string, cluster: number, year?: number])[] = [
  ["Vingt mille lieues sous les mers", "Jules Verne", "book", 6, 1870],
  ["Nosferatu", "F. W. Murnau", "film", 8, 1922],
  ["Gymnopédies", "Erik Satie", "music", 4, 1888],
  ["Couleurs et lumière", "Musée des beaux-arts", "museum", 1],
  ["Cyrano de Bergerac", "Edmond Rostand", "theatre", 10, 1897],
  ["Carmen", "Georges Bizet", "opera", 0, 1875],
  ["La Princesse de Clèves", "Mme de La Fayette", "book", 9, 1678],
  ["Tetris", "Alexeï Pajitnov", "game", 7, 1984],
  ["Le Voyage dans la Lune", "Georges Méliès", "film", 7, 1902],
  ["Les Aventures de Tintin : Le Lotus bleu", "Hergé", "comic", 2, 1936],
  ["Le Sacre du printemps", "Vaslav Nijinski", "dance", 3, 1913],
  ["Twin Peaks", "David Lynch et Mark Frost", "series", 11, 1990],
  ["Le Mécano de la Générale", "Buster Keaton", "film", 2, 1926],
  ["Atlas des nuages", "Exposition", "exhibition", 5],
  ["Les Fleurs du mal", "Charles Baudelaire", "book", 11, 1857],
  ["Quatuor au crépuscule", "Musique de chambre", "concert", 0],
  ["Frankenstein", "Mary Shelley", "book", 3, 1818],
  ["Metropolis", "Fritz Lang", "film", 1, 1927],
  ["L’Oiseau bleu", "Maurice Maeterlinck", "theatre", 5, 1908],
  ["Formes simples", "Sculpture", "museum", 10],
  ["Fanfares d’été", "Plein air", "festival", 2],
  ["Le Comte de Monte-Cristo", "Alexandre Dumas", "book", 1, 1844],
  ["La Passion de Jeanne d’Arc", "Carl Theodor Dreyer", "film", 0, 1928],
  ["Dr Folamour ou : comment j’ai appris à ne plus m’en faire et à aimer la bombe", "Stanley Kubrick", "film", 4, 1964],
  ["La Flûte enchantée", "Wolfgang Amadeus Mozart", "opera", 8, 1791],
  ["The Legend of Zelda: Ocarina of Time", "Nintendo", "game", 3, 1998],
  ["Persepolis", "Marjane Satrapi", "comic", 11, 2000],
  ["Café Müller", "Pina Bausch", "dance", 9, 1978],
  ["The Wire", "David Simon", "series", 6, 2002],
  ["Kind of Blue", "Miles Davis", "music", 7, 1959],
  ["Dracula", "Bram Stoker", "book", 10, 1897],
  ["Bal folk", "Concert dansé", "concert", 11],
  ["Ubu roi", "Alfred Jarry", "theatre", 2, 1896],
  ["Les Vampires", "Louis Feuillade", "film", 5, 1915],
  ["Aida", "Giuseppe Verdi", "opera", 2, 1871],
  ["Journey", "Thatgamecompany", "game", 1, 2012],
  ["Watchmen", "Alan Moore et Dave Gibbons", "comic", 2, 1986],
  ["Le Lac des cygnes", "Marius Petipa et Lev Ivanov", "dance", 6, 1895],
  ["Le Prisonnier", "Patrick McGoohan", "series", 9, 1967],
  ["Musée de l’Orangerie", "Paris", "museum", 4],
  ["Penser la ville de demain", "Rencontre", "talk", 8],
  ["ألف ليلة وليلة", "مجهول", "book", 7],
];

export const ITEMS: readonly ItemCard[] = WORKS.map(([title, maker, kind, cluster, year], at) => ({
  id: `work-${at}`,
  title,
  maker,
  year: year ?? null,
  kind,
  category: "Répertoire",
  subcategory: "",
  genreCode: "",
  themes: ["amour", "nuit", "voyage"].slice(0, 1 + (at % 3)),
  language: ["fr", "de", "en"][at % 3]!,
  country: ["FR", "DE", "GB"][at % 3]!,
  price: at % 4 === 0 ? 0 : 12.5,
  url: at % 2 === 0 ? "https://example.org/work" : "javascript:alert(1)",
  cluster,
}));

const TIMINGS: StageTimings = { towerMs: 1.2, retrievalMs: 3.4, rankingMs: 0.8, slateMs: 0.6, totalMs: 6 };

export const READY: EngineState = {
  bundle: {
    status: "ready",
    info: {
      name: "demo",
      version: 3,
      items: 612,
      bytes: 412_345,
      simulated: true,
      ranker: "trained",
      kinds: ["film", "book", "music", "theatre"].map((kind, at) => ({ kind, items: 100 - at })),
    },
    notice: null,
  },
  device: {
    backend: "wasm",
    adapter: "",
    retrieval: { engine: "wasm", choice: "default", timings: {}, rejected: [] },
    rejected: [{ backend: "webgpu", reason: "no adapter" }],
  },
  storage: "indexeddb",
  historyRevision: 0,
};

export interface FakeEngine extends EngineApi {
  readonly recorded: Interaction[];
  /** Tells the page of a new state. */
  say(state: EngineState): void;
}

/** @param first the state told at `start` */
export function fakeEngine(first: EngineState = READY): FakeEngine {
  const recorded: Interaction[] = [];
  let tell: (state: EngineState) => void = () => {};
  const interest = () => recorded.filter(({ event }) => event !== "dismiss");
  const hidden = () => new Set(recorded.filter(({ event }) => event === "dismiss").map(({ itemId }) => itemId));
  const cardOf = (itemId: string): ItemCard => {
    const item = ITEMS.find(({ id }) => id === itemId);
    if (item === undefined) throw new EngineError("ITEM_UNKNOWN", { itemId });
    return item;
  };
  const shelf = (key: string, topic: ShelfTopic, from: number, reason: Reason): Shelf => {
    const turned = [...ITEMS.slice(from), ...ITEMS.slice(0, from)].filter(({ id }) => !hidden().has(id));
    const items = turned.slice(0, 16).map((item, at) => ({
      item,
      reason,
      probabilities: { click: 0.42 / (at + 1), booking: 0.08 / (at + 1) },
    }));
    return { key, topic, items };
  };
  return {
    recorded,
    say: (state) => tell(state),
    async start(_options, onState) {
      tell = onState;
      onState(first);
    },
    async retryBundle() {
      tell(READY);
    },
    async useRetrieval(engine) {
      const device = READY.device!;
      const choice = engine === null ? "default" : "forced";
      tell({ ...READY, device: { ...device, retrieval: { ...device.retrieval, engine: engine ?? "wasm", choice } } });
    },
    async home(): Promise<HomePage> {
      const last = interest().at(-1);
      const because = last && {
        type: "because" as const,
        itemId: last.itemId,
        title: cardOf(last.itemId).title,
        event: last.event,
      };
      const start = interest().length;
      return {
        shelves: [
          shelf("for-you", { type: "for-you" }, start, because ?? { type: "popular" }),
          ...(because ? [shelf("because:0", because, start + 9, because)] : []),
          shelf("kind:film", { type: "kind", kind: "film" }, 17, { type: "popular" }),
          shelf("popular", { type: "popular" }, 24, { type: "popular" }),
          shelf("new", { type: "new" }, 30, { type: "new" }),
          shelf("discover", { type: "discover" }, 36, { type: "discover" }),
        ],
        historyLength: interest().length,
        timings: TIMINGS,
      };
    },
    async similar(itemId): Promise<OfferPage> {
      const item = cardOf(itemId);
      const topic = { type: "similar" as const, itemId, title: item.title };
      return {
        item,
        events: recorded.filter((one) => one.itemId === itemId),
        shelves: [shelf("similar", topic, 5, topic)],
        timings: TIMINGS,
      };
    },
    async shelf({ itemId, kind, limit }) {
      const topic: ShelfTopic =
        itemId === null ? { type: "for-you" } : { type: "similar", itemId, title: cardOf(itemId).title };
      const all = shelf(topic.type, topic, 5, topic.type === "similar" ? topic : { type: "popular" });
      const items = all.items.filter(({ item }) => kind === null || item.kind === kind).slice(0, limit);
      return { shelf: items.length === 0 ? null : { ...all, items }, timings: TIMINGS };
    },
    async search(query) {
      const wanted = query.toLowerCase();
      return ITEMS.filter(({ title, maker, themes }) =>
        [title, maker, ...themes].join(" ").toLowerCase().includes(wanted),
      );
    },
    async record(interaction) {
      const known = recorded.find(({ id }) => id === interaction.id);
      if (known) return known;
      const kept = { ...interaction, atMs: Date.UTC(2026, 10, 21, 20, recorded.length) };
      recorded.push(kept);
      return kept;
    },
    async undo(id) {
      const at = id === undefined ? recorded.length - 1 : recorded.findIndex((one) => one.id === id);
      return recorded.splice(at, at < 0 ? 0 : 1)[0] ?? null;
    },
    async history(limit) {
      return recorded
        .toReversed()
        .slice(0, limit)
        .map((interaction) => ({ interaction, item: ITEMS.find(({ id }) => id === interaction.itemId) ?? null }));
    },
    async exportHistory() {
      return { format: "affiche-history", formatVersion: 1, bundleName: "demo", interactions: [...recorded] };
    },
    async eraseEverything() {
      recorded.length = 0;
    },
    async cancel() {},
    async heartbeat() {
      return true;
    },
  };
}
