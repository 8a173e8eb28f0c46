/**
 * The demo world: a simulated audience over real works.
 *
 * Time runs over 180 days; at every visit the person searches for a few works and is shown a few
 * lists. For person p, work i, at a visit:
 *
 *   appeal(p, i)  = taste max_k [m_k strength_k fit(k, i)] + quality_i + affinity_p,kind(i) + openness_p
 *   P(click)      = examined(r) sigmoid(appeal - clickThreshold), at position r
 *   examined(r)   = (1 / r)^eta                 position-based model: Joachims, Swaminathan and
 *                                               Schnabel 2017, "Unbiased learning-to-rank with biased
 *                                               feedback", section 6.1 (there eta = 1 for a results page)
 *   P(favourite | click) = sigmoid(appeal - favouriteThreshold)
 *   P(booking | click)   = sigmoid(appeal - bookingThreshold - priceWeight price / credit_p), 0 where
 *                          the price exceeds what is left of the month's credit
 *   P(dismiss | examined, no click) = dismissal (1 - sigmoid(appeal - clickThreshold))
 *
 * m_k is the mood of the visit: one interest counts for more, the others for less. quality_i is
 * normal, so that attention is log-normal: a long tail. The lists come from a logging policy that
 * knows some of the truth and follows the crowd, which makes the popular more popular (Salganik,
 * Dodds and Watts 2006, Science 311): a tenth of the lists is uniformly random ("explore").
 */
import type { DatasetSource, EventRow, ImpressionRow } from "../import/data-directory.ts";
import { sigmoid } from "../../src/model/ranking/ranker.ts";
import { offerOf } from "./catalogue.ts";
import type { Offer, Work } from "./catalogue.ts";
import { Fits, people } from "./people.ts";
import type { Person } from "./people.ts";
import { Random } from "./random.ts";

const DAY_SECONDS = 86_400;
/** The end of the simulated time, seconds since 1970; fixed, so that equal seeds give equal files. */
export const WORLD_END = Date.UTC(2026, 9, 31) / 1000;
export const WORLD_DAYS = 180;

/** Parameters of behaviour; chosen so that the world has the figures of docs/demo-world.md. */
export const BEHAVIOUR = {
  meanSessions: 5,
  /** Log-normal activity: most people come rarely, some often. */
  activityDeviation: 0.6,
  taste: 4.6,
  inMood: 1.2,
  outOfMood: 0.8,
  qualityDeviation: 0.8,
  clickThreshold: 3.6,
  favouriteThreshold: 5.2,
  bookingThreshold: 5,
  priceWeight: 2,
  dismissal: 0.02,
  /** Exponent of the position bias. */
  eta: 0.5,
  /** Works found by search at a visit, 0 to this. */
  searches: 5,
  /** Weight of a work in a search: exp(sharpness appeal); among similar ones: exp(sharpness likeness). */
  searchSharpness: 1.3,
  similarSharpness: 3,
  listsPerSession: [1, 3],
  listLength: [10, 20],
  /** Shares of the lists: random ones; those that follow the work clicked last, where there is one. */
  explore: 0.1,
  similar: 0.4,
  /** Share of the places of a home list that follow the crowd; the others follow the person. */
  crowd: 0.4,
  /** Deviation of the policy's guess of an appeal. */
  guessDeviation: 1.2,
} as const;

/** Relative number of visits by hour of the day: a morning, a noon and an evening peak. */
const HOURS = [2, 1, 1, 1, 1, 2, 4, 7, 8, 6, 6, 7, 9, 8, 6, 6, 7, 9, 11, 13, 14, 13, 9, 5];
/** And by day, Sunday first. */
const WEEKDAYS = [1.3, 0.9, 0.9, 1, 0.9, 1.1, 1.3];

export interface World {
  readonly works: readonly Work[];
  readonly offers: readonly Offer[];
  readonly people: readonly Person[];
  /** By time. */
  readonly events: readonly EventRow[];
  readonly impressions: readonly ImpressionRow[];
}

interface Visitor {
  readonly person: Person;
  /** Works clicked or dismissed; they are not shown again. */
  readonly seen: Uint8Array;
  spent: number;
  month: number;
}

/** @param progress of the visits */
export function simulate(
  works: readonly Work[],
  count: number,
  seed: number,
  progress: (done: number, total: number) => void = () => {},
): World {
  const start = WORLD_END - WORLD_DAYS * DAY_SECONDS;
  const offers = works.map((work) => offerOf(work, seed, start, WORLD_END));
  const everyone = people(count, WORLD_DAYS, works, new Random(seed, "people"), BEHAVIOUR);
  const random = new Random(seed, "behaviour");
  const quality = Float64Array.from(
    works,
    ({ id }) => BEHAVIOUR.qualityDeviation * new Random(seed, `quality ${id}`).normal(),
  );
  const opensAt = Float64Array.from(offers, ({ availableFrom }) => availableFrom ?? -Infinity);
  const closesAt = Float64Array.from(offers, ({ availableUntil }) => availableUntil ?? Infinity);
  const fits = new Fits(works);
  const clicks = new Uint32Array(works.length);
  const events: EventRow[] = [];
  const impressions: ImpressionRow[] = [];
  let lists = 0;

  const visits = everyone
    .map((person): Visitor => ({ person, seen: new Uint8Array(works.length), spent: 0, month: 0 }))
    .flatMap((visitor) =>
      Array.from({ length: visitor.person.sessions }, () => ({ visitor, at: visitTime(start, random) })),
    )
    .toSorted((a, b) => a.at - b.at || (a.visitor.person.id < b.visitor.person.id ? -1 : 1));

  visits.forEach(({ visitor, at }, visit) => {
    if (visit % 500 === 0) progress(visit, visits.length);
    const { person, seen } = visitor;
    const month = Math.floor((at - start) / (30 * DAY_SECONDS));
    if (month !== visitor.month) Object.assign(visitor, { month, spent: 0 });
    const appeal = appealOf(person, works, fits, quality, (at - start) / DAY_SECONDS, random);
    const open = (row: number): boolean => seen[row] === 0 && opensAt[row]! <= at && at <= closesAt[row]!;
    let now = at;
    let last: number | undefined;
    /** What follows a click. @returns whether it ended in a booking */
    const click = (row: number): boolean => {
      const { id } = works[row]!;
      const { price } = offers[row]!;
      seen[row] = 1;
      clicks[row]!++;
      last = row;
      events.push([person.id, id, "click", now, ""]);
      now += random.integer(10, 90);
      if (random.chance(sigmoid(appeal[row]! - BEHAVIOUR.favouriteThreshold))) {
        events.push([person.id, id, "favourite", now, ""]);
        now += random.integer(5, 30);
      }
      const wish = appeal[row]! - BEHAVIOUR.bookingThreshold - (BEHAVIOUR.priceWeight * price) / person.credit;
      if (visitor.spent + price > person.credit || !random.chance(sigmoid(wish))) return false;
      visitor.spent += price;
      events.push([person.id, id, "booking", now, ""]);
      now += random.integer(5, 30);
      return true;
    };

    const found = random.integer(0, BEHAVIOUR.searches);
    for (const row of draw(found, works.length, open, (row) =>
      random.ticket(Math.exp(BEHAVIOUR.searchSharpness * appeal[row]!)),
    )) {
      click(row);
      now += random.integer(5, 60);
    }

    const listsNow = random.integer(...BEHAVIOUR.listsPerSession);
    for (let n = 0; n < listsNow; n++) {
      const length = random.integer(...BEHAVIOUR.listLength);
      const { context, rows } = shownList(length, works, open, appeal, clicks, last, random);
      lists++;
      const shownAt = now;
      rows.forEach((row, place) => {
        const { id } = works[row]!;
        let clicked = false;
        let booked = false;
        if (random.chance((place + 1) ** -BEHAVIOUR.eta)) {
          now += 1;
          const probability = sigmoid(appeal[row]! - BEHAVIOUR.clickThreshold);
          clicked = random.chance(probability);
          if (clicked) booked = click(row);
          else if (random.chance(BEHAVIOUR.dismissal * (1 - probability))) {
            seen[row] = 1;
            events.push([person.id, id, "dismiss", now, ""]);
          }
        }
        impressions.push([
          `l${lists}`,
          person.id,
          `s${visit + 1}`,
          id,
          place + 1,
          context,
          shownAt,
          Number(clicked),
          Number(booked),
        ]);
      });
      now += random.integer(5, 40);
    }
  });
  progress(visits.length, visits.length);
  // Two visits may overlap; one person's events keep their order.
  return {
    works,
    offers,
    people: everyone,
    events: events.toSorted((a, b) => Number(a[3]) - Number(b[3])),
    impressions,
  };
}

/** Seconds since 1970: any day, by weekday and hour. */
function visitTime(start: number, random: Random): number {
  for (;;) {
    const day = random.integer(0, WORLD_DAYS - 1);
    const midnight = start + day * DAY_SECONDS;
    const weekday = new Date(midnight * 1000).getUTCDay();
    if (!random.chance(WEEKDAYS[weekday]! / 1.3)) continue;
    return midnight + random.weighted(HOURS) * 3600 + random.integer(0, 3599);
  }
}

/** Appeal of every work to a person at one visit, shape [N]. @param day since the start */
function appealOf(
  person: Person,
  works: readonly Work[],
  fits: Fits,
  quality: Float64Array,
  day: number,
  random: Random,
): Float64Array {
  const awake = person.interests.filter(({ fromDay }) => fromDay <= day);
  const mood = random.pick(awake);
  const affinity = person.kindAffinity;
  const best = new Float64Array(works.length);
  for (const one of awake) {
    const weight = one.strength * (one === mood ? BEHAVIOUR.inMood : BEHAVIOUR.outOfMood);
    const fit = fits.of(one.interest);
    for (let row = 0; row < best.length; row++) best[row] = Math.max(best[row]!, weight * fit[row]!);
  }
  return best.map(
    (taste, row) => BEHAVIOUR.taste * taste + quality[row]! + affinity.get(works[row]!.kind)! + person.openness,
  );
}

/** The logging policy. @param last the work clicked last at this visit */
function shownList(
  length: number,
  works: readonly Work[],
  open: (row: number) => boolean,
  appeal: Float64Array,
  clicks: Uint32Array,
  last: number | undefined,
  random: Random,
): { context: "explore" | "similar" | "home"; rows: number[] } {
  if (random.chance(BEHAVIOUR.explore)) {
    return { context: "explore", rows: draw(length, works.length, open, () => random.uniform()) };
  }
  if (last !== undefined && random.chance(BEHAVIOUR.similar)) {
    const anchor = works[last]!;
    return {
      context: "similar",
      rows: draw(length, works.length, open, (row) =>
        random.ticket(Math.exp(BEHAVIOUR.similarSharpness * likeness(anchor, works[row]!))),
      ),
    };
  }
  const personal = draw(length, works.length, open, (row) => appeal[row]! + BEHAVIOUR.guessDeviation * random.normal());
  // In proportion to the clicks so far; 10 keeps newcomers in the draw.
  const popular = draw(length, works.length, open, (row) => random.ticket(10 + clicks[row]!));
  const rows = new Set<number>();
  const size = personal.length;
  while (rows.size < size) {
    const source = random.chance(BEHAVIOUR.crowd) ? popular : personal;
    rows.add(source.shift() ?? personal.shift()!);
  }
  return { context: "home", rows: [...rows] };
}

/** What an editor sees: shared themes, kind, category and maker. */
function likeness(a: Work, b: Work): number {
  const shared = b.themes.filter((theme) => a.themes.includes(theme)).length;
  const facts = Number(a.kind === b.kind) + Number(a.category === b.category) + 2 * Number(a.maker === b.maker);
  return shared + 0.7 * facts;
}

/** The `count` open rows with the largest scores, best first; fewer where fewer are open. */
function draw(count: number, total: number, open: (row: number) => boolean, score: (row: number) => number): number[] {
  const rows: number[] = [];
  const scores: number[] = [];
  for (let row = 0; row < total; row++) {
    if (!open(row)) continue;
    const value = score(row);
    if (rows.length === count && !(value > scores[count - 1]!)) continue;
    let place = Math.min(rows.length, count - 1);
    for (; place > 0 && scores[place - 1]! < value; place--) {
      rows[place] = rows[place - 1]!;
      scores[place] = scores[place - 1]!;
    }
    rows[place] = row;
    scores[place] = value;
  }
  return rows.slice(0, count);
}

/** The world as a data directory has it. */
export function datasetOf({ works, offers, events, impressions }: World): DatasetSource {
  const date = (seconds: number | null): string =>
    seconds === null ? "" : new Date(seconds * 1000).toISOString().slice(0, 10);
  return {
    meta: {
      name: "demo",
      timeUnit: "s",
      positiveEvents: ["click", "favourite", "booking"],
      weights: { click: 1, favourite: 3, booking: 4 },
      simulated: true,
    },
    items: works.map((work, row) => ({
      item_id: work.id,
      title: work.title,
      maker: work.maker,
      year: work.year,
      kind: work.kind,
      category: work.category,
      subcategory: work.subcategory,
      genre_code: work.genreCode,
      themes: work.themes.join("|"),
      language: work.language,
      country: work.country,
      price: offers[row]!.price,
      available_from: date(offers[row]!.availableFrom),
      available_until: date(offers[row]!.availableUntil),
    })),
    events: [events],
    impressions: [impressions],
  };
}
