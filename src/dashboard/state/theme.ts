/**
 * Light or dark: as the system has it, until somebody says otherwise.
 *
 * Styles know both (`light-dark()`); charts are painted and ask for colours here.
 */
import { Store } from "./store.ts";

/** `auto`: as the system has it. */
export type Theme = "auto" | "light" | "dark";

const STORAGE_KEY = "ringq-theme";
const NEXT: Readonly<Record<Theme, Theme>> = { auto: "light", light: "dark", dark: "auto" };

/** What was chosen. */
export const theme = new Store<Theme>(storedTheme());

/** Grows when colours may have changed. */
export const paint = new Store(0);

/** Puts the choice into effect, and notes when the system changes its mind. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = theme.value;
  paint.set(paint.value + 1);
  systemIsDark.onchange = () => paint.set(paint.value + 1);
}

/** The next of the three. */
export function turnTheme(): void {
  theme.set(NEXT[theme.value]);
  localStorage.setItem(STORAGE_KEY, theme.value);
  applyTheme();
}

/** The colour that a custom property stands for at this moment. */
export function colour(property: string): string {
  probe.style.color = `var(${property})`;
  if (!probe.isConnected) document.body.append(probe);
  return getComputedStyle(probe).color;
}

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const probe = document.createElement("i");
probe.hidden = true;

function storedTheme(): Theme {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === "light" || stored === "dark" ? stored : "auto";
}
