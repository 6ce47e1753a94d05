/** Dark, light, or as the system has it. */
const KEY = "mediaswitch-theme";
const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const isTheme = (text: string | null): text is Theme => THEMES.some((theme) => theme === text);

export function storedTheme(): Theme {
  const text = localStorage.getItem(KEY);
  return isTheme(text) ? text : "system";
}

export const nextTheme = (theme: Theme): Theme =>
  THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";

export function applyTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset["theme"];
  else dataset["theme"] = theme;
  dispatchEvent(new Event("themechange"));
}

/** `changed` is called when colours are others from now on. @returns ends that. */
export function watchTheme(changed: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", changed);
  addEventListener("themechange", changed);
  return () => {
    system.removeEventListener("change", changed);
    removeEventListener("themechange", changed);
  };
}

/** The value of a colour of the style sheet now. */
export function colour(name: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
