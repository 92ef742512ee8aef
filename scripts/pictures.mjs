// `npm run pictures`: takes the pictures of the widget in docs/pictures/, in the demo shop. It needs a Chromium: Debian's,
// or CHROMIUM set to the path of one.

import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import { setUp } from "./setup.mjs";
import { buildShop, openShop } from "./shop.mjs";
import { Failed, ROOT, main, say } from "./steps.mjs";

/** @import { BrowserContextOptions, Page } from "playwright-core" */

const FOLDER = join(ROOT, "docs", "pictures");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** Beside a shop of `npm start`. */
const FIRST_PORT = 8797;

/** The widget has no Arabic of its own, so the page brings it. */
const ARABIC = {
  title: "مساعد التسوق",
  launcher: "مساعد التسوق",
  greeting: "مرحبًا. أنا مساعد التسوق الآلي لهذا المتجر. أخبرني لمن الهدية، وما المناسبة أو الميزانية.",
  field: "عمّ تبحث؟",
  send: "إرسال",
  reset: "محادثة جديدة",
};

/**
 * What is taken: where in the shop, what is asked there, and how the browser is.
 *
 * @type {{ name: string, path: string, prompt: string, options: BrowserContextOptions, isRightToLeft?: boolean }[]}
 */
const PICTURES = [
  {
    name: "bubble",
    path: "/collections/wear",
    prompt: "A scarf for my sister",
    options: { viewport: { width: 1280, height: 800 } },
  },
  {
    name: "inline",
    path: "/pages/gift-advice",
    prompt: "Birthday gift for my mom, around $250",
    options: { viewport: { width: 1280, height: 860 } },
  },
  {
    name: "phone",
    path: "/",
    prompt: "A lamp for the reading corner",
    options: { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true },
  },
  {
    name: "dark",
    path: "/",
    prompt: "A lamp for the reading corner",
    options: { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true, colorScheme: "dark" },
  },
  {
    name: "right-to-left",
    path: "/",
    prompt: "A lamp for the reading corner",
    options: { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true },
    isRightToLeft: true,
  },
];

await main(async () => {
  await setUp();
  if (!existsSync(CHROMIUM)) {
    throw new Failed(`There is no Chromium at ${CHROMIUM}`, "Install Debian's chromium, or set CHROMIUM to one.");
  }
  await buildShop();
  const shop = await openShop({ name: "sales-associate", firstPort: FIRST_PORT, onFailure: () => process.exit(1) });
  try {
    await shop.stage.open();
    await takeAll(shop.url);
  } finally {
    await shop.close();
  }
});

/** @param {string} shop */
async function takeAll(shop) {
  // It may have been installed only now.
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  mkdirSync(FOLDER, { recursive: true });
  try {
    for (const { name, path, prompt, options, isRightToLeft = false } of PICTURES) {
      const page = await browser.newPage({ ...options, reducedMotion: "reduce" });
      await page.goto(shop + path);
      if (isRightToLeft) await turn(page);
      await converse(page, prompt);
      await page.screenshot({ path: join(FOLDER, `${name}.png`) });
      await page.context().close();
      say(`docs/pictures/${name}.png`);
    }
  } finally {
    await browser.close();
  }
}

/**
 * Has the page be read from right to left.
 *
 * @param {Page} page
 */
async function turn(page) {
  await page.locator("concierge-chat").evaluate((widget, texts) => {
    Object.assign(widget.ownerDocument.documentElement, { lang: "ar", dir: "rtl" });
    Object.assign(widget, { texts });
  }, ARABIC);
}

/**
 * Opens the chat, asks, and waits until the answer's pictures are there.
 *
 * @param {Page} page
 * @param {string} prompt
 */
async function converse(page, prompt) {
  const launcher = page.locator(".launcher");
  if (await launcher.isVisible()) await launcher.click();
  await page.getByRole("textbox").fill(prompt);
  await page.keyboard.press("Enter");
  await page.locator(".product img").first().waitFor();
  await page.waitForLoadState("networkidle");
}
