import { html } from "./dom";

const themes = ["auto", "light", "dark"] as const;
const words = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" } as const;
const key = "meshground-theme";

/** A button that goes from the system's theme to the light one, the dark one, and back. What was chosen last holds for the next page. */
export function themeButton(): HTMLElement {
  let theme = themes.find((name) => name === remembered()) ?? "auto";
  const button = html("button", { type: "button", class: "theme" });
  const show = (): void => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = words[theme];
  };
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "auto";
    remember(theme);
    show();
  });
  show();
  return button;
}

/** A browser may refuse to remember anything for a page that is a file. */
function remembered(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(theme: string): void {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Then it holds until the page is closed.
  }
}
