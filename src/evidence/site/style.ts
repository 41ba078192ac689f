/**
 * How pages look: system fonts, one column for reading, light and dark as the reader’s system has it, and on paper.
 *
 * @module
 */

import { BASE, COLOURS, minify } from '../html/index.ts';

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

export const STYLE = minify(`${COLOURS}${BASE}${PARTS}${PRINT}`);
