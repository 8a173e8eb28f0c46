import { expect, test } from "vitest";
import { Availability } from "../../../../src/model/catalogue/availability.ts";
import { everyRow, rowFilter } from "../../../../src/model/retrieval/row-filter.ts";
import { catalogueOf } from "../../../support/catalogue.ts";

test("at every time, in any order, the rows that are available then", () => {
  const catalogue = catalogueOf([
    {},
    { availableFrom: 100 },
    { availableUntil: 100 },
    { availableFrom: 100, availableUntil: 200 },
    { availableFrom: 150.5, availableUntil: 150.5 },
  ]);
  const availability = new Availability(catalogue);
  const times = [0, 99.999, 100, 100.001, 120, 150.4, 150.5, 150.501, 200, 200.5, 1e9, 150.5, 100, 99, 150];
  for (const seconds of times) {
    const expected = rowFilter(catalogue.count, (row) => catalogue.isAvailable(row, seconds));
    expect(availability.at(seconds), `${seconds} s`).toEqual(expected);
  }
});

test("what has not changed is not counted anew", () => {
  const availability = new Availability(catalogueOf([{}, { availableUntil: 1000 }, { availableFrom: 2000 }]));
  const first = availability.at(10);
  expect(availability.at(1000)).toBe(first);
  expect(availability.at(1001)).not.toBe(first);
  expect(availability.at(1999)).toBe(availability.at(1500));
  const always = new Availability(catalogueOf([{}, {}]));
  expect(always.at(5)).toEqual(everyRow(2));
  expect(always.at(1e12)).toBe(always.at(5));
});
