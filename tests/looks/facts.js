// Asked of every page: its text, and what is wrong with it. The page itself has no script; this one comes with the looker.
(() => {
  const faults = [];
  const fail = (what) => { if (!faults.includes(what)) faults.push(what); };
  const elements = [...document.body.querySelectorAll('*')].filter((e) => e.getClientRects().length > 0);
  const name = (e) => `<${e.localName}> "${e.textContent.trim().slice(0, 40)}"`;

  // WCAG 2.2, 1.4.3: the ratio of the relative luminances of text and of what is behind it.
  const parse = (color) => {
    const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const { rgb, a } = parse(getComputedStyle(e).backgroundColor);
      if (a === 1) return rgb;
    }
    return [255, 255, 255];
  };
  for (const e of elements) {
    if (![...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim())) continue;
    const style = getComputedStyle(e);
    const [light, dark] = [luminance(parse(style.color).rgb), luminance(behind(e))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < (large ? 3 : 4.5)) fail(`contrast ${ratio.toFixed(2)} of ${name(e)}`);
    if (size < 12) fail(`${size}px letters in ${name(e)}`);
  }

  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) {
    const wide = elements.find((e) => e.getBoundingClientRect().right > width + 1);
    fail(`scrolls sideways${wide ? `, because of ${name(wide)}` : ''}`);
  }
  // WCAG 2.2, 2.5.8: what is pressed is 24 px high, except links within a sentence.
  for (const e of document.querySelectorAll('button, nav a, td > a')) {
    if (e.getBoundingClientRect().height < 24) fail(`a small target: ${name(e)}`);
  }
  if (document.title === 'PWNED') fail('a script of the mail ran');
  if (document.scripts.length > 0 || document.querySelector('[style]')) fail('script or inline style in the page');
  if (![...document.styleSheets].some((sheet) => sheet.cssRules.length > 20)) fail('no style sheet applied');
  if (document.querySelectorAll('h1').length !== 1 || !document.querySelector('main')) fail('not one main and one h1');
  if (document.querySelector('main main')) fail('a main within a main');
  for (const frame of document.querySelectorAll('iframe')) {
    if (frame.getAttribute('sandbox') !== '') fail('a frame without a full sandbox');
    if (!frame.title) fail('a frame without a title');
  }
  return { text: document.body.innerText, faults };
})();
