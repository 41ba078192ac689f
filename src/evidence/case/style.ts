/**
 * How the page of a safety case looks, beside what all pages share.
 *
 * @module
 */
import { BASE, COLOURS, minify } from '../html/index.ts';

const PARTS = `
html{font-size:97%}
.wrap{max-width:64rem}
h1{overflow-wrap:anywhere}
main{padding-block:1.8rem 0}
bdi,td,code,dd{overflow-wrap:anywhere}
.verdict{border:1px solid var(--line);border-left:.5rem solid var(--strong-line);border-radius:12px;background:var(--raised);padding:1.1rem 1.3rem;margin:0 0 1.4rem}
.verdict h1{margin:.1rem 0 .3rem}
.verdict p{margin:0 0 .4rem}.verdict p:last-child{margin:0}
.verdict .word{font-size:1.15rem;font-weight:680}
.verdict.green{border-left-color:var(--green)}.verdict.green .word{color:var(--green)}
.verdict.amber{border-left-color:var(--amber)}.verdict.amber .word{color:var(--amber)}
.verdict.red{border-left-color:var(--red)}.verdict.red .word{color:var(--red)}
.task{color:var(--soft);max-width:46rem}
.badge{display:inline-block;font-size:.8rem;font-weight:650;line-height:1.35;padding:.14rem .6rem;border-radius:99rem;white-space:nowrap;background:var(--grey-soft);color:var(--grey)}
.badge.green{background:var(--green-soft);color:var(--green)}.badge.amber{background:var(--amber-soft);color:var(--amber)}
.badge.red{background:var(--red-soft);color:var(--red)}.badge.blue{background:var(--blue-soft);color:var(--blue)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.2rem,1fr));gap:.5rem;list-style:none;margin:0 0 1.6rem;padding:0}
@media(min-width:68rem){.tiles{grid-template-columns:repeat(7,1fr)}}
.tiles li{margin:0}
.tile{display:block;height:100%;border:1px solid var(--line);border-top:4px solid var(--strong-line);border-radius:8px;background:var(--raised);padding:.45rem .7rem;text-decoration:none;color:var(--ink);font-size:.93rem;font-weight:600}
.tile:hover{border-color:var(--strong-line)}
.tile span{display:block;font-size:.82rem;font-weight:500;color:var(--soft)}
.tile.green{border-top-color:var(--green)}.tile.amber{border-top-color:var(--amber)}.tile.blue{border-top-color:var(--blue)}
.tile.red{border-color:var(--red);background:var(--red-soft)}.tile.red span{color:var(--red)}
.red-list{list-style:none;padding:0;margin:0}
.red-list>li{border:1px solid var(--line);border-left:4px solid var(--red);border-radius:8px;background:var(--raised);padding:.7rem 1rem;margin:.6rem 0}
.red-list p{margin:0 0 .35rem}.red-list p:last-child{margin:0}
.command{display:block;padding:.45rem .7rem;margin:.35rem 0 0;overflow-wrap:anywhere;white-space:pre-wrap}
table{font-size:.93rem}td,th{padding:.45rem .9rem .45rem 0}
.hazards td:first-child{font-weight:600}.hazards:not(.links) td:nth-child(-n+3){white-space:nowrap}.hazards.links td:first-child{font-weight:400;width:38%}
.n{white-space:nowrap;font-variant-numeric:tabular-nums}
.tools{margin:0 0 .6rem}.tools[hidden]{display:none}
button{font:inherit;font-size:.92rem;padding:.3rem .9rem;border:1px solid var(--strong-line);border-radius:8px;background:var(--raised);color:var(--ink);cursor:pointer}
.hazard{border:1px solid var(--line);border-left:4px solid var(--strong-line);border-radius:10px;background:var(--raised);margin:.6rem 0}
.hazard.green{border-left-color:var(--green)}.hazard.amber{border-left-color:var(--amber)}.hazard.blue{border-left-color:var(--blue)}.hazard.red{border-left-color:var(--red)}
.hazard>summary{padding:.75rem 1rem;cursor:pointer;border-radius:10px}
.hazard>summary:hover{background:var(--sunk)}
.hazard h3{display:inline;font-size:1.06rem;margin:0 .5rem 0 0}
.hazard .goal{display:block;color:var(--soft);margin:.15rem 0 0 1.05rem}
.hazard[open]>summary{border-bottom:1px solid var(--line);border-radius:10px 10px 0 0}
.inside{padding:.8rem 1.1rem 1rem}
.inside h4{font-size:.95rem;margin:1.1rem 0 .3rem}
.tree,.tree ul{list-style:none;margin:0;padding:0}
.tree>li{position:relative;margin:0;padding:.15rem 0 .65rem 1.7rem;border-left:2px solid var(--line);margin-left:.55rem}
.tree>li:last-child{border-left-color:transparent;padding-bottom:.1rem}
.tree .sign{position:absolute;left:-.72rem;top:.12rem;width:1.35rem;height:1.35rem;line-height:1.3rem;text-align:center;border-radius:50%;font-size:.8rem;font-weight:700;background:var(--grey-soft);color:var(--grey);border:1px solid var(--page)}
.tree .holds>.sign{background:var(--green-soft);color:var(--green)}.tree .open>.sign{background:var(--amber-soft);color:var(--amber)}
.tree p{margin:0}
.tree ul{margin:.25rem 0 0}.tree ul li{margin:.1rem 0;padding-left:1rem;text-indent:-.8rem;color:var(--soft);font-size:.93rem}
.tree ul li::before{content:"–\\00a0"}
.tree details{margin-top:.2rem}.tree summary{cursor:pointer;color:var(--accent);font-size:.92rem;font-weight:600}
.meta{color:var(--soft);font-size:.88rem}
.left{max-width:46rem;margin:0}
.facts{display:grid;grid-template-columns:minmax(6.5rem,max-content) minmax(0,1fr);gap:.3rem 1.2rem;margin:0;font-size:.93rem}
dt{color:var(--soft)}dd{margin:0}
.hex{font-size:.8em}
@media (max-width:44rem){
.hazards thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.hazards,.hazards tbody,.hazards tr,.hazards td{display:block}
.hazards tr{border-bottom:1px solid var(--line);padding:.5rem 0}
.hazards td{border:0;padding:.08rem 0}
.hazards td[data-label]::before{content:attr(data-label) ": ";color:var(--soft)}
.hazards.links td:first-child{width:auto;font-weight:600}.inside{padding:.7rem .8rem .9rem}.verdict{padding:.9rem 1rem}
}
@media print{
:root{color-scheme:light}
html{font-size:78%}
.skip,.tools,.bar nav{display:none}
.hazard,.red-list>li,.verdict,.tile{break-inside:avoid-page}
.hazard::details-content,.tree details::details-content,details::details-content{content-visibility:visible!important;block-size:auto!important;overflow:visible}
.hazard>summary,.tree summary{list-style:none}
h2{break-after:avoid}
a{color:inherit}
}
`;

export const STYLE = minify(`${COLOURS}${BASE}${PARTS}`);
