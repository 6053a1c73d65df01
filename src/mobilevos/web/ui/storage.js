// Small choices that are remembered between visits; where the browser keeps nothing, they last as long as the page.

const here = new Map();

export function remembered(key) {
  try {
    return localStorage.getItem(`mobilevos.${key}`) ?? here.get(key) ?? null;
  } catch {
    return here.get(key) ?? null;
  }
}

export function remember(key, value) {
  here.set(key, value);
  try {
    localStorage.setItem(`mobilevos.${key}`, value);
  } catch {
    // blocked or full
  }
}
