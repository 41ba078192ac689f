/**
 * How pages look that Ringfence writes: system fonts, light and dark.
 *
 * @module
 */

/** Light and dark, as the reader’s system has it; contrast is 4.5 to 1 at least. */
export const COLOURS = `
:root{color-scheme:light dark;
--page:#fcfcfb;--raised:#fff;--sunk:#f3f4f2;--line:#dcdfda;--strong-line:#8b938c;--ink:#1b1f1d;--soft:#515a55;
--accent:#0b5f57;--accent-soft:#e3f1ee;--focus:#b3450b;
--red:#a11a2c;--red-soft:#fdecee;--orange:#8f4300;--orange-soft:#fdf0e4;--amber:#6d5200;--amber-soft:#fbf4d9;
--blue:#1a508f;--blue-soft:#e9f1fb;--violet:#67398c;--violet-soft:#f5edfb;--grey:#4b534f;--grey-soft:#eceeec;--green:#1d6336;--green-soft:#e7f4eb}
@media (prefers-color-scheme:dark){:root{
--page:#131615;--raised:#1a1e1c;--sunk:#202523;--line:#343b38;--strong-line:#78837d;--ink:#e7ebe8;--soft:#a9b3ad;
--accent:#6fd0c3;--accent-soft:#173431;--focus:#ffab70;
--red:#ff9aa5;--red-soft:#3d1a1f;--orange:#ffb478;--orange-soft:#3a2513;--amber:#ead06a;--amber-soft:#322b10;
--blue:#93c1f7;--blue-soft:#172a42;--violet:#d5aef3;--violet-soft:#301f40;--grey:#bcc5c0;--grey-soft:#2a302d;--green:#88d6a2;--green-soft:#173022}}
`;

/** Elements as they look on every page. */
export const BASE = `
*{box-sizing:border-box}
html{font:100%/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;background:var(--page);color:var(--ink);
-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;overflow-wrap:break-word}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.18em}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:3px}
main:focus{outline:none}
h1,h2,h3{line-height:1.25;text-wrap:balance;margin:0}
h1{font-size:clamp(1.6rem,1.2rem + 1.9vw,2.3rem);letter-spacing:-.015em;font-weight:680}
h2{font-size:1.3rem;font-weight:650;margin:2.8rem 0 .8rem;padding-top:.2rem}
h3{font-size:1.02rem;font-weight:650;margin:0 0 .35rem}
p{margin:0 0 .9rem}
p,li,dd{text-wrap:pretty}
ul,ol{padding-left:1.3rem;margin:0 0 1rem}
li{margin:.3rem 0}
code,pre,kbd{font:.88em/1.5 ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,monospace}
code{background:var(--sunk);padding:.1em .32em;border-radius:4px}
pre{background:var(--sunk);border:1px solid var(--line);border-radius:8px;padding:.9rem 1rem;overflow-x:auto;margin:0 0 1rem}
pre code{background:none;padding:0}
blockquote{margin:.1rem 0 1rem;padding:.1rem 0 .1rem 1rem;border-left:3px solid var(--line);color:var(--soft)}
blockquote p{margin:0}
table{border-collapse:collapse;width:100%;font-size:.94rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .8rem .5rem 0;border-bottom:1px solid var(--line)}
th{font-weight:650}
hr{border:0;border-top:1px solid var(--line);margin:2rem 0}
.scroll{overflow-x:auto;margin:0 0 1rem}
.skip{position:absolute;left:-999rem;top:0;background:var(--raised);padding:.6rem 1rem;z-index:2}
.skip:focus{left:.5rem;top:.5rem}
.wrap{max-width:72rem;margin:0 auto;padding:0 1.25rem}
.bar{border-bottom:1px solid var(--line)}
.bar .wrap{display:flex;flex-wrap:wrap;gap:.2rem 1.6rem;align-items:baseline;padding-block:.8rem}
.bar a{text-decoration:none}
.bar a:hover{text-decoration:underline}
.brand{font-weight:680;color:var(--ink);margin-right:auto}
.bar nav ul{display:flex;flex-wrap:wrap;gap:.1rem 1.3rem;list-style:none;padding:0;margin:0}
.bar nav li{margin:0}
.bar [aria-current=page]{color:var(--ink);font-weight:650}
.foot{border-top:1px solid var(--line);margin-top:4rem;color:var(--soft);font-size:.9rem}
.foot .wrap{padding-block:1.4rem 2.5rem}
.foot p{margin:0 0 .3rem}
main{display:block;padding-block:2rem 0}
.crumbs{color:var(--soft);font-size:.9rem;margin:0 0 .5rem}
.lead{font-size:1.16rem;line-height:1.55;max-width:44rem;margin:.9rem 0 1.3rem}
.soft{color:var(--soft)}
.small{font-size:.9rem}
.hash{margin-left:.35em;text-decoration:none;color:var(--soft);opacity:0;font-weight:400}
:hover>.hash,.hash:focus-visible{opacity:1}
:target{scroll-margin-top:1rem;background:var(--accent-soft);box-shadow:0 0 0 .4rem var(--accent-soft);border-radius:2px}
`;

/** Line ends go, nothing else does. */
export const minify = (css: string): string => css.replace(/\n/g, '');
