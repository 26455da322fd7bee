// What a page gets wrong: names, labels, ids, headings, contrast, width. Returns sentences.
() => {
  const wrong = [];
  const shown = (node) => node.getClientRects().length && getComputedStyle(node).visibility !== "hidden";
  const named = (node) => (node.getAttribute("aria-label") || node.textContent || "").trim();
  for (const node of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (shown(node) && !node.labels?.length && !node.getAttribute("aria-label")) wrong.push(`no label: ${node.outerHTML}`);
  for (const node of document.querySelectorAll("a[href], button"))
    if (shown(node) && !named(node)) wrong.push(`no name: ${node.outerHTML}`);
  for (const node of document.querySelectorAll("img")) if (!node.alt) wrong.push(`no alt: ${node.outerHTML}`);
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => wrong.push(`id twice: ${id}`));
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not exactly one h1");
  if (!document.documentElement.lang) wrong.push("no language");
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) wrong.push(`scrolls sideways by ${wide} px`);

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const paint = (layers) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of layers) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const node of document.querySelectorAll("main *, header *, footer *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || !shown(node) || node.closest(".visually-hidden, [disabled]")) continue;
    const layers = [];
    for (let up = node; up; up = up.parentElement) layers.unshift(getComputedStyle(up).backgroundColor);
    const style = getComputedStyle(node);
    const behind = light(paint(layers));
    const front = light(paint([...layers, style.color]));
    const ratio = (Math.max(front, behind) + 0.05) / (Math.min(front, behind) + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) wrong.push(`contrast ${ratio.toFixed(2)}: ${node.textContent.trim().slice(0, 40)}`);
  }
  return wrong;
}
