import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isBrowserMissing, type Opened, openPage, startBrowser } from "./chromium";
import { hostileMesh, largeMesh, smallMesh } from "./meshes";

describe.skipIf(isBrowserMissing())("the picture in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  const open = (html: string, options: Parameters<typeof openPage>[2] = {}): Promise<Opened> => openPage(browser, html, options);
  const box = (page: Page, name: string | RegExp): ReturnType<Page["getByRole"]> => page.locator(".canvas").getByRole("button", { name });
  const tab = (page: Page, name: string): ReturnType<Page["getByRole"]> => page.getByRole("tab", { name });

  test("shows every thing of a small mesh, asks for nothing, breaks no rule of its policy", async () => {
    const { page, faults } = await open(smallMesh());
    for (const name of [
      "Service shop/checkout",
      "Service shop/pricing",
      "Service bank/ledger",
      "Way in shop/edge",
      "Outside the mesh 10.1.2.0/24",
    ])
      expect(await box(page, new RegExp(name)).count()).toBe(1);
    expect(await page.locator("path.line").count()).toBe(4);
    expect(await page.locator("path.line.plaintext").count()).toBe(1);
    expect(await page.getByRole("group", { name: "Node pools" }).getByRole("button").allInnerTexts()).toEqual([
      "oslo\nNO\n3 × 8 cores, 32Gi",
    ]);
    for (const name of ["Services", "Findings", "Deadlines", "Nodes", "Drawing"]) await tab(page, name).click();
    expect(faults).toEqual([]);
  });

  test("says of a service that is clicked who calls it, and what is found there, with the way out", async () => {
    const { page } = await open(smallMesh());
    await box(page, /Service shop\/pricing/).click();
    const details = await page.getByRole("complementary", { name: "Details" }).textContent();
    expect(details).toContain("shop/checkout");
    expect(details).toContain("IST0101");
    expect(details).toContain("What to do:");
    expect(page.url()).toMatch(/#service:shop\/pricing$/);
  });

  test("keeps 300 services in their namespaces until one is opened", async () => {
    const { page, faults } = await open(largeMesh(25, 12));
    expect(await page.locator(".box.namespace").count()).toBe(25);
    expect(await page.locator(".box.service").count()).toBe(0);
    await box(page, /Namespace team3,/).click();
    expect(await page.locator(".box.service").count()).toBe(12);
    await page.getByRole("button", { name: "Close namespace team3" }).first().click();
    expect(await page.locator(".box.service").count()).toBe(0);
    expect(faults).toEqual([]);
  });

  test("finds what is typed, and opens the namespace around it", async () => {
    const { page } = await open(largeMesh(25, 12));
    await page.keyboard.press("/");
    await page.keyboard.type("team7 s11");
    expect(await page.getByRole("status").first().textContent()).toBe("1 found");
    await page.keyboard.press("Enter");
    expect(await page.getByRole("heading", { level: 2, name: "team7/s11" }).isVisible()).toBe(true);
    expect(await box(page, /Service team7\/s11/).isVisible()).toBe(true);
  });

  test("is worked by keys alone", async () => {
    const { page } = await open(largeMesh(25, 12));
    const namespace = box(page, /Namespace team3,/);
    await namespace.focus();
    await page.keyboard.press("Enter");
    expect(await page.locator(".box.service").count()).toBe(12);
    // The button of the same namespace has the focus still: Enter closes what it opened.
    await page.keyboard.press("Enter");
    expect(await page.locator(".box.service").count()).toBe(0);
    await tab(page, "Drawing").focus();
    await page.keyboard.press("ArrowRight");
    expect(await tab(page, "Services").getAttribute("aria-selected")).toBe("true");
    expect(await page.getByRole("table", { name: "Services" }).getByRole("row").count()).toBe(301);
  });

  test("moves and zooms by keys and by the wheel", async () => {
    const { page } = await open(smallMesh());
    const place = (): Promise<string> =>
      page.locator(".canvas").evaluate((canvas) => (canvas as unknown as { style: { transform: string } }).style.transform);
    const seen = [await place()];
    await page.locator(".frame").focus();
    for (const key of ["ArrowLeft", "+", "-", "0"]) {
      await page.keyboard.press(key);
      seen.push(await place());
    }
    await page.locator(".frame").hover();
    await page.mouse.wheel(0, -300);
    seen.push(await place());
    expect(new Set(seen.slice(0, 3)).size).toBe(3);
    expect(seen[4]).toBe(seen[0]);
    expect(seen[5]).not.toBe(seen[0]);
  });

  test("leaves what the filters leave", async () => {
    const { page } = await open(smallMesh());
    await page.getByLabel("Namespace", { exact: true }).selectOption("bank");
    expect(await page.locator(".box.service").allInnerTexts()).toHaveLength(1);
    await page.getByRole("button", { name: "Show everything" }).click();
    await page.getByRole("checkbox", { name: "errors" }).check();
    expect(await box(page, /Service/).count()).toBe(1);
    expect(await box(page, /Service shop\/pricing/).count()).toBe(1);
  });

  test("follows the fragment of its address, and the way back", async () => {
    const { page } = await open(smallMesh(), { fragment: "#findings/service:shop/pricing" });
    expect(await tab(page, "Findings").getAttribute("aria-selected")).toBe("true");
    expect(await page.getByRole("heading", { level: 2, name: "shop/pricing" }).isVisible()).toBe(true);
    await tab(page, "Nodes").click();
    await page.goBack();
    expect(await tab(page, "Findings").getAttribute("aria-selected")).toBe("true");
  });

  test("says how far each kernel setting reaches", async () => {
    const { page } = await open(smallMesh(), { fragment: "#nodes" });
    const rows = await page.getByRole("table", { name: "Kernel of oslo" }).getByRole("row").allInnerTexts();
    expect(rows.find((row) => row.startsWith("net.core.somaxconn"))).toContain("node only: each pod keeps the kernel's own");
    expect(rows.find((row) => row.startsWith("fs.file-max"))).toContain("whole node, pods included");
  });

  test("is light or dark as the system is, until somebody says otherwise", async () => {
    const { page } = await open(smallMesh(), { colorScheme: "dark" });
    const paper = (): Promise<string> => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const dark = await paper();
    await page.getByRole("button", { name: "Theme: as the system" }).click();
    const light = await paper();
    await page.getByRole("button", { name: "Theme: light" }).click();
    expect([await paper(), light]).toEqual([dark, "rgb(251, 251, 249)"]);
  });

  test.each(["<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "javascript:alert(1)", "\u202egnp.exe", "{{alert(1)}}"])(
    "shows a hostile name as text: %j",
    async (name) => {
      const { page, faults } = await open(hostileMesh(name));
      for (const view of ["Services", "Findings", "Deadlines", "Nodes", "Drawing"]) await tab(page, view).click();
      expect(await page.locator("img, iframe, object").count()).toBe(0);
      expect(faults).toEqual([]);
    },
  );

  test.each(["light", "dark"] as const)("can be read in %s: every text stands out from what is behind it", async (colorScheme) => {
    const { page } = await open(smallMesh(), { colorScheme });
    const contrast = await page.evaluate(contrasts);
    expect(contrast.length).toBeGreaterThan(5);
    for (const { name, ratio } of contrast) expect({ name, ratio: ratio >= 4.5 }).toEqual({ name, ratio: true });
  });

  test("fits a narrow screen without scrolling sideways", async () => {
    const { page } = await open(smallMesh(), { viewport: { width: 390, height: 800 } });
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  });
});

/** Runs in the page: how each colour of text stands out from paper and panel (WCAG 2.2, 1.4.3). */
const contrasts = `(() => {
  const canvas = document.createElement("canvas").getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const probe = document.body.appendChild(document.createElement("i"));
  const luminance = (name) => {
    probe.style.color = "var(--" + name + ")";
    canvas.fillStyle = getComputedStyle(probe).color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return ["ink", "soft", "accent", "red", "amber", "green", "blue"].flatMap((ink) => ["paper", "panel", "region", "wash"].map((ground) => {
    const [a, b] = [luminance(ink), luminance(ground)].sort((x, y) => y - x);
    return { name: ink + " on " + ground, ratio: (a + 0.05) / (b + 0.05) };
  }));
})()` as unknown as () => readonly { readonly name: string; readonly ratio: number }[];
