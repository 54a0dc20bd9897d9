import type { Page } from "@playwright/test";

/** Records the calls of pages opened from now on, without those that the previous page had started. */
export async function callsFromNowOn(page: Page): Promise<string[]> {
  await page.goto("about:blank");
  const calls: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/api/")) calls.push(`${request.method()} ${pathname}`);
  });
  return calls;
}
