/** The promise as a test: what the app asks for does not depend on the history or on where one goes. */
import { expect, inject, test } from "vitest";
import { choose, goHome, itemsOf, open, takeComplaints, useBrowser, visitor } from "./browser.ts";

useBrowser();

/** One person's whole story: a first visit, a taste, every page, a second visit. */
async function story(
  taste: readonly [query: string, itemId: string][],
): Promise<{ requests: string[]; home: string[] }> {
  const { page, requests } = await visitor();
  await open(page);
  for (const [query, itemId] of taste) await choose(page, query, itemId);
  await page.locator('.offer-actions [data-verdict="favourite"]').click();
  await goHome(page);
  for (const fragment of ["#page=data", "#page=search&q=sea"]) {
    await page.goto(`${inject("site")}/${fragment}`);
    await page.waitForTimeout(300);
  }
  await page.reload();
  await page.waitForSelector("main [data-item-id]");
  await goHome(page);
  const home = await itemsOf(page);
  await page.waitForTimeout(500);
  return { requests, home };
}

test("two opposite histories give the same requests, and none leaves the site", async () => {
  const reader = await story([
    ["misanthrope", "theatre-le-misanthrope"],
    ["phedre", "theatre-phedre"],
    ["rouge et le noir", "book-le-rouge-et-le-noir"],
  ]);
  const player = await story([
    ["tetris", "game-tetris"],
    ["portal", "game-portal"],
    ["squid game", "series-squid-game"],
  ]);
  expect(player.home).not.toEqual(reader.home);
  // Parallel requests may overtake one another; which and how many is what may not differ.
  expect(player.requests.toSorted()).toEqual(reader.requests.toSorted());
  expect(reader.requests.length).toBeGreaterThan(10);
  const site = new URL(inject("site")).origin;
  for (const request of reader.requests) {
    const [method, url] = request.split(" ") as [string, string];
    expect(method).toBe("GET");
    expect(new URL(url).origin === site || url.startsWith("blob:"), url).toBe(true);
    expect(new URL(url).search, url).toBe("");
  }
});

test("the pages and scripts carry the policy, and it holds", async () => {
  const { page } = await visitor();
  const policies = new Map<string, string | undefined>();
  page.context().on("response", (response) => {
    policies.set(new URL(response.url()).pathname, response.headers()["content-security-policy"]);
  });
  await open(page);
  expect(policies.size).toBeGreaterThan(8);
  for (const [path, policy] of policies) {
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).toContain("require-trusted-types-for 'script'");
  }
  const leak = await page.evaluate(async () => {
    const blocked = new Promise<string>((resolve) =>
      document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective)),
    );
    const fetched = fetch("https://example.org/").then(
      () => "sent",
      () => "refused",
    );
    return [await fetched, await blocked];
  });
  expect(leak).toEqual(["refused", "connect-src"]);
  const injected = await page.evaluate(() => {
    try {
      document.body.insertAdjacentHTML("beforeend", "<b>x</b>");
      return "inserted";
    } catch (error) {
      return (error as Error).name;
    }
  });
  expect(injected).toBe("TypeError");
  expect(takeComplaints().join()).toMatch(/Content Security Policy/u);
});
