import type { Page } from "@playwright/test";

/** Holds back the page's next request for `url` until it is released. */
export async function hold(
  page: Page,
  url: string,
): Promise<{ arrived: Promise<void>; release: () => void }> {
  let arrive = () => {};
  const arrived = new Promise<void>((done) => {
    arrive = done;
  });
  let release = () => {};
  const released = new Promise<void>((open) => {
    release = open;
  });
  await page.route(
    url,
    async (route) => {
      arrive();
      await released;
      await route.continue();
    },
    { times: 1 },
  );
  return { arrived, release };
}
