/**
 * How the page of a run looks, beside what all pages share.
 *
 * @module
 */
import { BASE, COLOURS, minify } from '../../evidence/html/index.ts';

/** Depths of a tree, which no `style` attribute may say. */
const DEPTHS = Array.from({ length: 20 }, (_, index) => `.d${index + 1}{--d:${index + 1}}`).join('');

const PARTS = `
.skip{position:absolute;left:-999rem;top:0;background:var(--raised);padding:.6rem 1rem;z-index:5}
.skip:focus{left:.5rem;top:.5rem}
html{font-size:95%;scroll-padding-top:3.4rem}
.wrap{max-width:96rem;margin:0 auto;padding:0 1.25rem}
.bar{position:sticky;top:0;z-index:4;background:var(--page);border-bottom:1px solid var(--line)}
.bar .wrap{display:flex;gap:.2rem 1.4rem;align-items:baseline;padding-block:.55rem;overflow-x:auto;white-space:nowrap}
.bar strong{margin-right:auto}
.bar ul{display:flex;gap:1.1rem;list-style:none;margin:0;padding:0;font-size:.93rem}
.bar li{margin:0;text-wrap:nowrap}.bar a{text-decoration:none;display:inline-block;padding:.15rem 0}.bar a:hover{text-decoration:underline}
h1{overflow-wrap:anywhere}
.lead{font-size:1.1rem;margin:.5rem 0 0;color:var(--soft)}
main{padding-block:1.6rem 0}
h2{margin:2.4rem 0 .7rem;padding-top:.2rem}h3{margin:1.2rem 0 .4rem}
.meta,.soft{color:var(--soft)}.meta{font-size:.88rem}
bdi,code{overflow-wrap:anywhere}td{overflow-wrap:break-word}td bdi{overflow-wrap:anywhere}
.badge{display:inline-block;font-size:.78rem;font-weight:650;line-height:1.35;padding:.12rem .5rem;border-radius:99rem;white-space:nowrap;background:var(--grey-soft);color:var(--grey)}
.badge.red{background:var(--red-soft);color:var(--red)}.badge.orange{background:var(--orange-soft);color:var(--orange)}
.badge.amber{background:var(--amber-soft);color:var(--amber)}.badge.blue{background:var(--blue-soft);color:var(--blue)}
.badge.violet{background:var(--violet-soft);color:var(--violet)}.badge.green{background:var(--green-soft);color:var(--green)}
dt{color:var(--soft)}dd{margin:0;min-width:0}
.facts{display:grid;grid-template-columns:minmax(6.5rem,max-content) minmax(0,1fr);gap:.35rem 1.2rem;margin:0 0 1rem}
.facts p{margin:0 0 .25rem}
.command{display:inline-block;max-height:9.5em;overflow:auto;overflow-wrap:anywhere}
.hex{font-size:.8em}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.2rem,1fr));gap:.6rem;list-style:none;margin:1.2rem 0;padding:0}
.tiles li{margin:0}
.tile{display:block;height:100%;border:1px solid var(--line);border-radius:10px;background:var(--raised);padding:.6rem .8rem;text-decoration:none;color:var(--ink)}
.tile:hover{border-color:var(--strong-line)}
.tile .big{display:block;font-size:1.6rem;font-weight:680;line-height:1.15;font-variant-numeric:tabular-nums}
.tile .meta{display:block}
.tile.red{border-color:var(--red);background:var(--red-soft)}.tile.red .big{color:var(--red)}
.tile.amber .big{color:var(--amber)}.tile.amber{background:var(--amber-soft)}
.tile.red .meta,.tile.amber .meta{color:inherit}
.warning{border-left:4px solid var(--orange);padding:.3rem 0 .3rem .8rem}
.findings{list-style:none;padding:0}
.finding{border:1px solid var(--line);border-left:4px solid var(--strong-line);border-radius:8px;background:var(--raised);padding:.7rem 1rem;margin:.7rem 0}
.finding.red{border-left-color:var(--red)}.finding.orange{border-left-color:var(--orange)}.finding.amber{border-left-color:var(--amber)}
.finding h3{margin:0 0 .25rem;text-wrap:wrap}.finding p{margin:0 0 .2rem}
.event{display:inline-block;min-width:1.6rem;line-height:1.6rem;font-variant-numeric:tabular-nums}
.more{margin:.5rem 0}summary{cursor:pointer;color:var(--accent);font-weight:600}
table{font-size:.9rem}th{white-space:nowrap}td{padding-block:.35rem;min-width:4.5rem}.scroll .n{width:1%}.kind{white-space:nowrap}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tr.red td{background:var(--red-soft)}tr.orange td{background:var(--orange-soft)}tr.amber td{background:var(--amber-soft)}
pre{max-height:26rem;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.tree{list-style:none;padding:0;margin:0}
.tree li{margin:.12rem 0;padding-left:calc(var(--d,0)*1.1rem + .2rem);border-left:0;overflow-wrap:anywhere}
.pid{font-variant-numeric:tabular-nums;font-weight:650}
${DEPTHS}
`;

const LIVE = `
.live .static{display:none}.with-script{display:none}.live .with-script{display:inline}
.tools{display:flex;flex-wrap:wrap;gap:.4rem 1.2rem;align-items:center;margin:1rem 0 .4rem;font-size:.93rem}
.tools[hidden],[hidden]{display:none!important}
.tools label{display:inline-flex;gap:.4rem;align-items:center}
.tools input[type=checkbox]{accent-color:var(--accent);width:1rem;height:1rem;margin:0}
.lanes{display:flex;flex-wrap:wrap;gap:.2rem .9rem}
input[type=search]{font:inherit;padding:.3rem .6rem;border:1px solid var(--strong-line);border-radius:7px;background:var(--raised);color:var(--ink);min-width:0;width:16rem}
button{font:inherit;padding:.25rem .75rem;border:1px solid var(--strong-line);border-radius:7px;background:var(--raised);color:var(--ink);cursor:pointer}
button:hover{border-color:var(--ink)}
.count{font-size:.9rem;margin:.2rem 0 .4rem}
.timeline{border:1px solid var(--line);border-radius:8px;background:var(--raised);overflow:hidden}
.timeline canvas{display:block;width:100%;touch-action:pan-y;cursor:crosshair}
.timeline canvas:focus-visible{outline-offset:-3px}
.timeline-tools{display:flex;flex-wrap:wrap;gap:.4rem .5rem;align-items:center;margin:.5rem 0}
.timeline-said{min-height:1.6em;font-size:.9rem;margin:0;flex:1 1 18rem;overflow-wrap:anywhere}
.grid{position:relative;border:1px solid var(--line);border-radius:8px;background:var(--raised);overflow:auto;max-height:min(62vh,44rem);contain:strict;font-size:.9rem}
.grid.small{max-height:min(50vh,24rem)}
.grid-head,.grid-row{display:grid;align-items:center;gap:0 .8rem;padding:0 .7rem}
.grid-head{position:sticky;top:0;z-index:1;height:1.9rem;background:var(--sunk);border-bottom:1px solid var(--line);font-weight:650}
.grid-space{position:relative}
.grid-row{position:absolute;left:0;right:0;top:0;height:1.9rem;border-bottom:1px solid var(--line);overflow:hidden;contain:strict;cursor:default}
.grid-row>*,.grid-head>*{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;unicode-bidi:isolate;min-width:0}
.grid-row:hover{background:var(--sunk)}
.grid-row.w1>:nth-child(3){color:var(--amber);font-weight:650}.grid-row.w2>:nth-child(3){color:var(--orange);font-weight:650}.grid-row.w3>:nth-child(3){color:var(--red);font-weight:650}
.grid-row.w2{box-shadow:inset 4px 0 var(--orange)}.grid-row.w3{box-shadow:inset 4px 0 var(--red)}.grid-row.w1{box-shadow:inset 4px 0 var(--amber)}
.grid-row[aria-selected=true]{background:var(--accent-soft);outline:2px solid var(--accent);outline-offset:-2px}
.grid .n{text-align:right;font-variant-numeric:tabular-nums}
.events .grid-head,.events .grid-row{grid-template-columns:5rem 5.5rem 9rem 4.5rem minmax(0,1fr)}
.procs .grid-head,.procs .grid-row{grid-template-columns:5rem 5.5rem minmax(0,1fr) 5rem minmax(0,11rem)}
.procs .grid-row>:nth-child(3){padding-left:calc(var(--d,0)*1.1rem)}
.fold{display:inline-block;width:1.3rem;cursor:pointer;color:var(--soft);text-align:center}
.below{font-size:.85em;color:var(--soft);border:1px solid var(--line);border-radius:99rem;padding:0 .4rem;margin-right:.4rem}
.tree-tools{margin:.4rem 0}.tree-tools .count{margin:0}
.flows .grid-head,.flows .grid-row{grid-template-columns:5rem 5.5rem minmax(0,1fr) 7rem 5rem 5rem}
.with-detail{display:grid;grid-template-columns:minmax(0,1fr);gap:1rem;align-items:start}
#event-detail{border:1px solid var(--line);border-radius:8px;background:var(--raised);padding:.8rem 1rem;overflow:auto;max-height:min(62vh,44rem);font-size:.92rem}
#event-detail h3{margin:0 0 .4rem}
#event-detail pre{max-height:18rem;margin:.3rem 0 .8rem}
#event-detail dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.2rem .9rem;margin:.6rem 0}
.pager{display:flex;gap:.7rem;align-items:center;margin:.5rem 0}
.plain{overflow:auto;max-height:none}
@media (min-width:75rem){.with-detail:has(#event-detail:not([hidden])){grid-template-columns:minmax(0,1fr) 26rem}}
@media (max-width:74.99rem){.with-detail:has(#event-detail:not([hidden])) .grid{max-height:44vh}}
@media (max-width:44rem){
.bar .wrap{gap:1rem;flex-wrap:nowrap}.bar nav ul{flex-wrap:nowrap}.wrap{padding:0 .8rem}
.facts{grid-template-columns:minmax(0,1fr);gap:0}.facts dd{margin-bottom:.6rem}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}.scroll table{min-width:34rem}td{min-width:5rem}
.grid-row{height:3.3rem;align-content:center}
.events .grid-head,.events .grid-row{grid-template-columns:4rem 5.2rem minmax(0,1fr)}
.events .grid-row>:nth-child(4),.events .grid-head>:nth-child(n+4){display:none}
.events .grid-row>:nth-child(5){grid-column:1/-1}
.procs .grid-head,.procs .grid-row,.flows .grid-head,.flows .grid-row{grid-template-columns:4rem 5.2rem minmax(0,1fr)}
.procs .grid-head>:nth-child(n+3),.flows .grid-head>:nth-child(n+3){display:none}
.procs .grid-row>:nth-child(3),.flows .grid-row>:nth-child(3){grid-column:1/-1;grid-row:2}
.procs .grid-row>:nth-child(n+4),.flows .grid-row>:nth-child(n+5){display:none}
}
.foot{border-top:1px solid var(--line);margin-top:3rem;color:var(--soft);font-size:.9rem}
.foot .wrap{padding-block:1.2rem 2.5rem}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
@media (forced-colors:active){.grid-row[aria-selected=true]{outline-color:Highlight}.badge{border:1px solid}}
`;

const PRINT = `
@media print{
details::details-content{content-visibility:visible;block-size:auto}
:root{color-scheme:light;--page:#fff;--raised:#fff;--sunk:#fff;--line:#bbb;--strong-line:#555;--ink:#000;--soft:#333;--accent:#000;--accent-soft:#fff;
--red:#000;--orange:#000;--amber:#000;--blue:#000;--violet:#000;--grey:#000;--green:#000;--red-soft:#fff;--orange-soft:#fff;--amber-soft:#fff}
html{font-size:9.5pt}.bar,.skip,.tools,.grid,.plain,.pager,#event-detail,.with-script,.timeline-tools,.count{display:none!important}
.live .static{display:block}.live .tree.static{display:block}
.badge{border:1px solid #555;background:none!important;white-space:normal;overflow-wrap:anywhere}table{min-width:0!important}td{min-width:0}.finding,tr,.tile{break-inside:avoid}h2,h3{break-after:avoid}
a{color:inherit;text-decoration:none}.wrap{padding:0;max-width:none}.scroll,pre,.command{overflow:visible;max-height:none}main{padding-top:0}}
`;

export const STYLE = minify(`${COLOURS}${BASE}${PARTS}${LIVE}${PRINT}`);
