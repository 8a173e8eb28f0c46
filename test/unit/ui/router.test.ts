import { describe, expect, it } from "vitest";
import { formatRoute, parseRoute } from "../../../src/ui/app/router.ts";
import type { Route } from "../../../src/ui/app/router.ts";

const routes: readonly Route[] = [
  { page: { name: "home" }, bundle: null, device: null, retrieval: null },
  { page: { name: "home" }, bundle: "ml-1m", device: "wasm", retrieval: null },
  { page: { name: "offer", itemId: "a b&c=d#é/%" }, bundle: null, device: null, retrieval: null },
  { page: { name: "offer", itemId: "42" }, bundle: "demo-2", device: "cpu", retrieval: null },
  { page: { name: "search", query: "" }, bundle: null, device: "webgpu", retrieval: null },
  { page: { name: "search", query: "l’été & la nuit = ?" }, bundle: "demo", device: null, retrieval: null },
  { page: { name: "data" }, bundle: null, device: null, retrieval: null },
  { page: { name: "data" }, bundle: null, device: "webgpu", retrieval: "wasm" },
];

describe("routes", () => {
  it.each(routes)("%j survives the address", (route) => {
    const url = new URL(formatRoute(route), "https://affiche.example/app/");
    expect(parseRoute(url.hash)).toEqual(route);
    expect(url.pathname + url.search).toBe("/app/");
  });

  it("home on the default bundle is an empty fragment", () => {
    expect(formatRoute(routes[0]!)).toBe("#");
    expect(parseRoute("")).toEqual(routes[0]);
  });

  it.each([
    "#page=nowhere",
    "#page=offer",
    "#page=offer&item=",
    "#bundle=../secret",
    "#bundle=A",
    "#device=gpu",
    "#retrieval=fast",
    "#%",
  ])("%s leads home with the defaults", (hash) => {
    expect(parseRoute(hash)).toEqual(routes[0]);
  });
});
