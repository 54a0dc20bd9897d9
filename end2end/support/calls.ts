import type { Page } from "@playwright/test";

/** The calls of the pages that are opened from now on, and none that the page of before had begun. */
export async function callsFromNowOn(page: Page): Promise<string[]> {
  await page.goto("about:blank");
  const calls: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/api/")) calls.push(`${request.method()} ${pathname}`);
  });
  return calls;
}
