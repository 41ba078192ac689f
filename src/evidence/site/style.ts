/**
 * How pages look: system fonts, one column for reading, light and dark as the reader’s system has it, and on paper.
 *
 * @module
 */

const COLOURS = `
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

const BASE = `
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

const PARTS = `
.badge{display:inline-block;font-size:.78rem;font-weight:650;letter-spacing:.015em;line-height:1.35;padding:.16rem .55rem;border-radius:99rem;
background:var(--grey-soft);color:var(--grey)}
.badge.red{background:var(--red-soft);color:var(--red)}.badge.orange{background:var(--orange-soft);color:var(--orange)}
.badge.amber{background:var(--amber-soft);color:var(--amber)}.badge.blue{background:var(--blue-soft);color:var(--blue)}
.badge.violet{background:var(--violet-soft);color:var(--violet)}.badge.green{background:var(--green-soft);color:var(--green)}
.status{border:1px solid var(--line);border-radius:10px;background:var(--raised);padding:1rem 1.2rem;margin:0 0 1.5rem;max-width:48rem}
.status p{margin:0}
.status .badge{font-size:.9rem;padding:.25rem .8rem;margin:0 .5rem .4rem 0}
.status dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:.7rem 0 0;font-size:.94rem}
dt{color:var(--soft)}dd{margin:0}
.facts{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.4rem 1.2rem;margin:0 0 1rem}
.with-side{display:grid;grid-template-columns:minmax(0,1fr);gap:0 3.5rem}
.text>p,.text>ul,.text>ol,.text>blockquote,.text section>p,.text section>ul,.text section>ol,.text section>blockquote{max-width:46rem}
.side{font-size:.92rem}
.side ol,.side ul{list-style:none;padding:0;margin:0 0 1.2rem}
.side a{text-decoration:none}.side a:hover{text-decoration:underline}
.side summary{font-weight:650}
summary{cursor:pointer}
.pair{display:grid;gap:.9rem;grid-template-columns:minmax(0,1fr);margin:0 0 1.1rem}
.card{border:1px solid var(--line);border-radius:10px;background:var(--raised);padding:.95rem 1.1rem}
.card>:last-child{margin-bottom:0}
.card p{margin-bottom:.55rem}
.card blockquote{margin-bottom:.6rem}
.answer{border-left:4px solid var(--accent)}
.objection{border-left:4px solid var(--strong-line)}
.meta{color:var(--soft);font-size:.88rem}
.cite{font-size:.82em}
.cite a{text-decoration:none}.cite a:hover{text-decoration:underline}
.list{list-style:none;padding:0;margin:0}
.list>li{border-top:1px solid var(--line);padding:1.05rem 0 .95rem;margin:0}
.list h2,.list h3{margin:0 0 .2rem;font-size:1.1rem;padding:0}
.list p{margin:0 0 .35rem;max-width:50rem}.list .state{max-width:none}
.narrow{margin:1.2rem 0 1rem}
.narrow label[for=query]{display:block;font-weight:650;margin-bottom:.3rem}
.narrow input[type=search]{width:100%;max-width:34rem;font:inherit;padding:.55rem .8rem;border:1px solid var(--strong-line);border-radius:8px;
background:var(--raised);color:var(--ink)}
.facets{display:grid;grid-template-columns:repeat(auto-fill,minmax(12.5rem,1fr));gap:.5rem 1.4rem;margin:.9rem 0;align-items:start}
.facets summary{font-weight:650;padding:.15rem 0;font-size:.95rem}
.facets ul{list-style:none;padding:0;margin:.2rem 0 .6rem;font-size:.93rem}
.facets li{margin:.05rem 0}
.facets label{display:flex;gap:.5rem;align-items:baseline;padding:.1rem 0;cursor:pointer}
.facets input{accent-color:var(--accent);margin:0;flex:none;width:1rem;height:1rem;position:relative;top:.12rem}
.number{color:var(--soft);font-variant-numeric:tabular-nums}
button{font:inherit;padding:.4rem .9rem;border:1px solid var(--strong-line);border-radius:8px;background:var(--raised);color:var(--ink);cursor:pointer}
.count{font-weight:650;margin:1rem 0 .6rem}
.path{display:none;max-width:46rem;margin:0 0 1rem}
.path svg{width:100%;height:auto;display:block;font-family:inherit}
.path rect{fill:var(--raised);stroke:var(--strong-line);stroke-width:1.25}
.path .observed rect{stroke:var(--accent);stroke-width:2.5}
.path .argued rect{stroke-dasharray:5 4}
.path path{fill:none;stroke:var(--strong-line);stroke-width:1.5}
.path .head{fill:var(--strong-line);stroke:none}
.path text{fill:var(--ink);font-size:13.5px}
.path .name{font-weight:650}
.path .of{fill:var(--soft);font-size:12px}
.steps>li{margin:.7rem 0}
.sources>li{margin:.9rem 0}
.wide-table td:first-child{min-width:9rem}
[hidden]{display:none!important}
@media (min-width:44rem){.pair{grid-template-columns:repeat(2,minmax(0,1fr))}.path{display:block}}
@media (min-width:66rem){.side details::details-content{content-visibility:visible;block-size:auto}.side summary{list-style:none;pointer-events:none}.side summary::-webkit-details-marker{display:none}.with-side{grid-template-columns:minmax(0,1fr) 13.5rem}.side{order:2;position:sticky;top:1.5rem;align-self:start;max-height:calc(100vh - 3rem);overflow:auto}}
@media (max-width:65.99rem){.side{margin-bottom:1rem}}
@media (max-width:30rem){.facts,.status dl{grid-template-columns:minmax(0,1fr);gap:0}.facts dd,.status dd{margin-bottom:.5rem}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
`;

const PRINT = `
@media print{
:root{color-scheme:light;--page:#fff;--raised:#fff;--sunk:#fff;--line:#bbb;--strong-line:#555;--ink:#000;--soft:#333;--accent:#000;--accent-soft:#fff;
--red:#000;--orange:#000;--amber:#000;--blue:#000;--violet:#000;--grey:#000;--green:#000}
html{font-size:10.5pt}.bar nav,.side,.skip,.hash,.narrow,.facets,.no-print{display:none!important}.path{display:block}
.badge{border:1px solid #555;background:none!important}
.card,.status,li,tr,.path{break-inside:avoid}h2,h3{break-after:avoid}
a{color:inherit}.sources a[href^=http]::after,.foot a[href^=http]::after{content:" <" attr(href) ">";font-size:.85em;overflow-wrap:anywhere}
.wrap{padding:0;max-width:none}.text>p,.lead{max-width:none}main{padding-top:0}}
`;

const minify = (css: string): string => css.replace(/\n/g, '');

export const STYLE = minify(`${COLOURS}${BASE}${PARTS}${PRINT}`);
