/** English, and the shape that every other language is checked against. */
import type { ErrorCode } from "../../model/contract.ts";

/** Forms of a counted noun: CLDR's "one" and everything else. */
interface Forms {
  readonly one: string;
  readonly other: string;
}

/** Codes that only the command line raises; a screen never shows them. */
type CommandLineCode =
  | "USAGE"
  | "DATA_MISSING"
  | "DATA_INVALID"
  | "TOO_MANY_BAD_ROWS"
  | "VERSION_NOT_HIGHER"
  | "OUTPUT_FAILED"
  | "SITE_UNREACHABLE"
  | "PORT_IN_USE";
type ScreenCode = Exclude<ErrorCode, CommandLineCode>;

type KnownKind =
  | "book"
  | "film"
  | "music"
  | "concert"
  | "artist"
  | "museum"
  | "exhibition"
  | "theatre"
  | "opera"
  | "dance"
  | "comic"
  | "game"
  | "video game"
  | "series"
  | "festival"
  | "talk";

export const en = {
  languageName: "English",
  notation: {
    group: ",",
    decimal: ".",
    units: [" kB", " MB", " GB"],
  },
  listOfTwo: (first: string, last: string) => `${first} and ${last}`,
  listOfMore: (all: string, last: string) => `${all}, and ${last}`,
  bytes: { one: "byte", other: "bytes" },
  // Frame
  skip: "Skip to the content",
  navigation: "Main",
  home: "For you",
  search: "Search",
  data: "Your data",
  language: "Language",
  theme: (theme: string) => `Theme: ${theme}`,
  themes: { auto: "automatic", light: "light", dark: "dark" },
  onDevice: "On this device",
  offline: "offline",
  backends: { webgpu: "WebGPU", wasm: "WebAssembly", cpu: "CPU" },
  memoryMode: "This browser allows no storage: your history ends when you close the page.",
  bundleNotice: (reason: string) => `The stored catalogue serves: the newest could not be had. ${reason}`,
  bundleNotKept: (reason: string) => `The catalogue serves this visit, but could not be kept. ${reason}`,
  promise: "Your tastes are computed here, in this browser, and never leave it.",
  simulated: "In this demonstration the works are real and their audience is simulated.",
  // Waiting and failing
  loading: "Preparing your recommendations…",
  downloading: "Downloading the catalogue, once",
  bytesOf: (done: string, total: string) => `${done} of ${total}`,
  failedTitle: "The catalogue is not here yet",
  errorTitle: "That did not work",
  retry: "Try again",
  // Home
  heroTitle: "Something to feed your evening",
  works: { one: "work", other: "works" } satisfies Forms as Forms,
  heroKinds: (count: string, kinds: string) => `${count}: ${kinds}.`,
  andMore: "more",
  firstVisit: "Nothing is known about you. Open what appeals to you and this page follows.",
  // Shelves
  shelfForYou: "Chosen for you",
  shelfStart: "A place to start",
  fromChoices: (count: string) => `from ${count}`,
  choices: { one: "choice of yours", other: "choices of yours" } satisfies Forms as Forms,
  startNote: "a bit of everything",
  because: {
    view: (title: string) => `Because you looked at “${title}”`,
    click: (title: string) => `Because you opened “${title}”`,
    favourite: (title: string) => `Because you liked “${title}”`,
    booking: (title: string) => `Because you booked “${title}”`,
    rating: (title: string) => `Because you rated “${title}”`,
    dismiss: (title: string) => `Because you set “${title}” aside`,
  },
  becauseNote: "loved by the same people",
  shelfPopular: "Popular",
  popularNote: "with everyone",
  shelfNew: "New",
  newNote: "the latest arrivals",
  shelfDiscover: "Off your path",
  discoverNote: "to be surprised",
  shelfSimilar: (title: string) => `In the spirit of “${title}”`,
  previous: "Previous offers",
  next: "Next offers",
  // Cards
  more: (title: string) => `More about “${title}”`,
  why: "Why this?",
  whyPopular: "Many people choose it.",
  whyNew: "It has just arrived.",
  whyDiscover: "It is a little off your usual path.",
  whySimilar: (title: string) => `It resembles “${title}”.`,
  chances: (click: string, booking: string) => `Chance that you open it ${click}, that you book it ${booking}.`,
  like: "I like it",
  liked: "You like it",
  book: "I’ve booked it",
  booked: "You booked it",
  less: "Less like this",
  lessDone: "You set it aside",
  // Offer
  back: "Back to the recommendations",
  year: "Year",
  beforeChrist: (year: string) => `${year} BC`,
  maker: "By",
  country: "Country",
  itemLanguage: "Language",
  category: "Category",
  price: "Price",
  free: "Free",
  itemThemes: "Themes",
  website: "Visit its page",
  outside: "(opens another site, which learns nothing from us)",
  actions: "Your choice",
  // Search
  searchTitle: "Search the catalogue",
  searchLabel: "Title, maker, theme…",
  searchHint: "The search runs on this device: nobody sees what you type.",
  results: { one: "result", other: "results" } satisfies Forms as Forms,
  noResults: (query: string) => `Nothing for “${query}”. Try fewer letters, or another word.`,
  // Toasts
  done: {
    favourite: (title: string) => `“${title}”: noted, you like it.`,
    booking: (title: string) => `“${title}”: noted, you booked it.`,
    dismiss: (title: string) => `Less like “${title}”.`,
  },
  undo: "Undo",
  undone: "Taken back.",
  nothingToUndo: "There is nothing to take back.",
  close: "Close",
  // Releases and installation
  releaseWaiting: "A new version of Affiche is ready.",
  releaseReplaced: "Affiche was updated in another tab. This one still runs the version before.",
  reload: "Reload",
  installInvitation: "Keep Affiche at hand: install it, and it opens like any other app.",
  install: "Install",
  installHow: "How to install",
  notNow: "Not now",
  installTitle: "Install Affiche",
  installSteps: {
    ios: ["Open the browser’s Share menu.", "Choose “Add to Home Screen”.", "Confirm with “Add”."],
    mac: ["Open the File menu, or Share in the toolbar.", "Choose “Add to Dock”.", "Confirm with “Add”."],
    "firefox-android": [
      "Open the browser’s menu (three dots).",
      "Choose “Install” or “Add to Home screen”.",
      "Confirm with “Add”.",
    ],
  } satisfies Record<string, readonly string[]> as Record<"ios" | "mac" | "firefox-android", readonly string[]>,
  installSeparate:
    "On this system an installed app has a storage of its own: your history in the browser stays in the browser.",
  // Data
  dataTitle: "Your data stays yours",
  dataPromise:
    "What you open, like or book is kept in this browser alone. The recommendations are computed from it here, and the requests this page makes are the same whatever you do.",
  history: "History",
  historyEmpty: "Nothing yet. What you open, like or book will stand here, and nowhere else.",
  events: { one: "event", other: "events" } satisfies Forms as Forms,
  historyShown: (count: string) => `The newest ${count} are shown.`,
  gone: "No longer in the catalogue",
  eventNames: {
    view: "Looked at",
    click: "Opened",
    favourite: "Liked",
    booking: "Booked",
    rating: "Rated",
    dismiss: "Set aside",
  },
  ratingOf: (value: string) => `Rated ${value} of 5`,
  undoLast: "Take back the last one",
  exportButton: "Export as a file",
  eraseButton: "Erase everything",
  eraseTitle: "Erase everything?",
  eraseText: "Your history, the stored catalogue and your settings on this device go. This cannot be undone.",
  eraseConfirm: "Erase",
  cancel: "Cancel",
  erased: "Everything has been erased.",
  app: "The app",
  installed: "Installed",
  installStates: {
    installed: "yes",
    prompt: "not yet",
    steps: "not yet",
    unoffered: "the browser does not offer it now; perhaps it is installed already",
    impossible: "this browser installs no pages; a bookmark does as well, offline too",
  },
  worksOffline: "Works offline",
  worksOfflineStates: { yes: "yes", no: "not yet" },
  releases: "Version",
  releaseStates: {
    waiting: "a new one is ready",
    replaced: "another tab runs a newer one",
  },
  machine: "What runs where",
  backend: "Computation",
  adapter: "Graphics adapter",
  retrieval: "Retrieval",
  retrievals: { wgsl: "WGSL on the graphics device", wasm: "WebAssembly SIMD", exact: "JavaScript, row by row" },
  engines: { wgsl: "WGSL", wasm: "WebAssembly", exact: "JavaScript" },
  retrievalChoices: {
    default: "chosen automatically",
    measured: "chosen automatically: the fastest, just measured",
    remembered: "chosen automatically: the fastest, measured at an earlier visit",
    forced: "your choice",
  },
  retrievalRejected: (engine: string) => `Retrieval not by ${engine}`,
  searchTimes: "One retrieval takes",
  retrievalLabel: "Retrieval by",
  retrievalAutomatic: "automatic: the fastest here",
  retrievalHint:
    "Every engine finds the same works; only the time differs. Their speed is measured once, on this device, and stays here.",
  rejected: (backend: string) => `Not on ${backend}`,
  storage: "History kept in",
  storages: { indexeddb: "IndexedDB of this browser", memory: "memory, until the page closes" },
  space: "Space used",
  persistence: "Kept",
  persistences: { persistent: "until you erase it", evictable: "until the browser needs the space" },
  catalogue: "Catalogue",
  version: (version: string) => `version ${version}`,
  catalogueSize: "Size",
  ranker: "Ranking",
  rankers: { trained: "P(click) + P(booking), trained", retrieval: "retrieval’s score" },
  timings: "Last page",
  timing: (tower: string, retrieval: string, ranking: string, slate: string) =>
    `tower ${tower}, retrieval ${retrieval}, ranking ${ranking}, shelves ${slate}`,
  total: (time: string) => `${time} in all`,
  unknown: "not known yet",
  // Embed
  embedFoot: "Affiche · chosen on this device",
  embedSimulated: "Affiche · chosen on this device. A demonstration: its audience is simulated.",
  embedSelect: (host: string) => `Opening an offer tells ${host} which one.`,
  embedEmpty: "There is nothing to propose here for now.",
  embedAlone: "This is the shelf that other sites show. By itself it shows nothing.",
  embedApp: "Open Affiche",
  webPage: "Its page",
  profileUse: "Use my profile here",
  profileMeaning:
    "This shelf keeps a profile of its own for this site. With your browser’s leave it can use the one you have in Affiche instead. It stays on your device, and this site learns nothing either way.",
  profileAsk: "Ask my browser",
  profileRefused: "Your browser refused. Open Affiche in a window of its own once, then try again.",
  profileOwn: "With your own profile",
  profileTakeBack: "Use a separate one here",
  kinds: {
    book: { one: "book", other: "books" },
    film: { one: "film", other: "films" },
    music: { one: "music", other: "music" },
    concert: { one: "concert", other: "concerts" },
    artist: { one: "artist", other: "artists" },
    museum: { one: "museum", other: "museums" },
    exhibition: { one: "exhibition", other: "exhibitions" },
    theatre: { one: "theatre", other: "theatre" },
    opera: { one: "opera", other: "operas" },
    dance: { one: "dance", other: "dance" },
    comic: { one: "comic", other: "comics" },
    game: { one: "game", other: "games" },
    "video game": { one: "video game", other: "video games" },
    series: { one: "series", other: "series" },
    festival: { one: "festival", other: "festivals" },
    talk: { one: "talk", other: "talks" },
  } satisfies Record<string, Forms> as Record<KnownKind, Forms>,
  errors: {
    BUNDLE_ABSENT: "There is no catalogue on this device yet. Connect once, so that it can be downloaded.",
    BUNDLE_UNREACHABLE: "The catalogue could not be downloaded. Check the connection and try again.",
    BUNDLE_NOT_A_BUNDLE:
      "The network answered with a page of its own instead of the catalogue. Sign in to the network, or check the address.",
    BUNDLE_MANIFEST_INVALID: "The catalogue’s manifest is not valid. It has to be published again.",
    BUNDLE_UNSUPPORTED: "The catalogue and this app are of different releases. Reload the page.",
    BUNDLE_FILE_CORRUPT: "A part of the catalogue arrived damaged and was not used. Try again.",
    BUNDLE_OLDER: "The server offers an older catalogue than the stored one.",
    STORAGE_FULL: "This device’s storage is full: nothing more can be kept. Free some space, then try again.",
    STORAGE_FAILED:
      "The browser’s storage cannot be used now. Close the other tabs of this app, then try again or reload the page.",
    DEVICE_LOST: "The graphics device was lost. Try again: another path takes over.",
    NOT_STARTED: "The engine has not started yet. Try again.",
    ITEM_UNKNOWN: "This offer is not in the catalogue; it may have left it.",
    EVENT_INVALID: "This could not be noted. Reload the page.",
    QUERY_INVALID: "The catalogue cannot be searched. It has to be published again.",
    CANCELLED: "The request was cancelled.",
    DEADLINE_EXCEEDED: "The answer took too long. Try again.",
    ENGINE_STOPPED: "The engine stopped. Try again.",
    INTERNAL: "Something that should not happen did. Reload, and report it if it returns.",
    FILE_FORMAT: "A part of the catalogue cannot be read. It has to be published again.",
  } satisfies Record<ScreenCode, string> as Record<ScreenCode, string>,
};

export type Messages = typeof en;
