package caravan.catalog;

/** What is asked of a page in the browser, in the page's own language. */
final class Scripts {

    private static final String COLORS = """
            const luminance = (color) => {
              const [red, green, blue] = color.match(/[\\d.]+/g).map(Number).slice(0, 3).map((part) => {
                const share = part / 255;
                return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
              });
              return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            };
            const isClear = (color) => color === 'transparent' || /, 0\\)$/.test(color);
            const paperOf = (element) => {
              for (let at = element; at; at = at.parentElement) {
                const color = getComputedStyle(at).backgroundColor;
                if (!isClear(color)) {
                  return color;
                }
              }
              return 'rgb(255, 255, 255)';
            };
            """;

    /** How light the paper is, from 0 to 1. */
    static final String PAPER_LUMINANCE = COLORS + "return luminance(paperOf(document.body));";

    /** Texts whose contrast is less than the 4.5 that WCAG AA asks for. */
    static final String FAINT_TEXTS = COLORS + """
            return [...document.body.querySelectorAll('*')]
                .filter((element) => [...element.childNodes].some(
                    (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== ''))
                .filter((element) => !['SCRIPT', 'NOSCRIPT', 'STYLE'].includes(element.tagName))
                .map((element) => {
                  const [high, low] = [luminance(getComputedStyle(element).color), luminance(paperOf(element))]
                      .sort((one, other) => other - one);
                  return {contrast: (high + 0.05) / (low + 0.05), text: element.textContent.slice(0, 40)};
                })
                .filter(({contrast}) => contrast < 4.5);
            """;

    /** What sticks out of its card or of the screen, and the page if it can be moved sideways. */
    static final String WIDER_THAN_THE_SCREEN = """
            const width = document.documentElement.clientWidth;
            const rightOf = (element) => element.closest('article')
                ? element.closest('article').getBoundingClientRect().right : width;
            const wide = [...document.body.querySelectorAll('*')]
                .filter((element) => !element.closest('.unseen, .skip')
                    && !(element.closest('thead') && getComputedStyle(element.closest('thead')).position === 'absolute')
                    && element.getBoundingClientRect().right > rightOf(element) + 1)
                .map((element) => element.tagName + '.' + element.className + ': ' + element.textContent.slice(0, 30));
            if (document.documentElement.scrollWidth > width) {
              wide.push('the page: ' + document.documentElement.scrollWidth);
            }
            return wide;
            """;

    static final String FAULTS_FOR_SCREEN_READERS = """
            const faults = [];
            const levels = [...document.querySelectorAll('h1, h2, h3')].map((heading) => Number(heading.tagName[1]));
            if (levels[0] !== 1 || levels.filter((level) => level === 1).length !== 1) {
              faults.push('one h1, first');
            }
            levels.forEach((level, at) => {
              if (at > 0 && level > levels[at - 1] + 1) {
                faults.push('heading ' + at + ' skips a level');
              }
            });
            const names = [...document.querySelectorAll('button')].map((button) => button.getAttribute('aria-label'));
            if (names.some((name) => !name) || new Set(names).size !== names.length) {
              faults.push('buttons have names of their own: ' + names);
            }
            for (const table of document.querySelectorAll('table')) {
              if (!table.getAttribute('aria-label') || !table.querySelector('thead th[scope=col]')
                  || [...table.querySelectorAll('tbody tr')].some((row) => !row.querySelector('th[scope=row]'))) {
                faults.push('a table has a name and heads');
              }
            }
            for (const article of document.querySelectorAll('article')) {
              const heading = document.getElementById(article.getAttribute('aria-labelledby'));
              if (!heading || !article.contains(heading)) {
                faults.push('an article is named by its heading');
              }
            }
            if (!document.documentElement.lang || !document.title || !document.querySelector('main, [role=main]')) {
              faults.push('language, title, main');
            }
            if (document.querySelector('[tabindex]:not([tabindex="0"]):not([tabindex="-1"])')) {
              faults.push('the order of keys is that of the page');
            }
            const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
            if (new Set(ids).size !== ids.length) {
              faults.push('ids occur once');
            }
            return faults;
            """;

    private Scripts() {}
}
