/** How the profile looks: light or dark as the reader's system, on paper too. */
export const pageStyle = `
:root{color-scheme:light dark;--paper:#f6f7f8;--card:#fff;--ink:#1b1f24;--soft:#56606b;--line:#d8dde3;--track:#eceff2;
--train:#2b68a8;--validation:#0b7d72;--test:#a86200;--quarantined:#b3261e;--dropped:#8a4b8f;--duplicates:#66717d;
--plus:#b5482a;--minus:#2b68a8;--warn:#fff6e0;--warn-line:#d69a00}
@media (prefers-color-scheme:dark){:root{--paper:#12151a;--card:#1a1f26;--ink:#e6e9ed;--soft:#a5afba;--line:#333c47;
--track:#28303a;--train:#6aa5e4;--validation:#46bcae;--test:#e3a040;--quarantined:#ff8a7f;--dropped:#cf94d4;
--duplicates:#94a0ad;--plus:#f08a66;--minus:#6aa5e4;--warn:#2c2513;--warn-line:#c48f12}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main,header,footer{max-width:74rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:0 0 .75rem}
h3{font-size:1rem;margin:0;overflow-wrap:anywhere}
p{margin:.4rem 0}
.soft,figcaption{color:var(--soft)}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
nav ul{display:flex;flex-wrap:wrap;gap:.35rem 1.1rem;list-style:none;margin:1rem 0 0;padding:0}
a{color:var(--train)}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--train);outline-offset:2px}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.25rem;margin:1.25rem 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:1.25rem 0 0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.7rem .9rem;margin:0}
.tile dt{color:var(--soft);font-size:.85rem}
.tile dd{margin:0;font-size:1.35rem;font-weight:600;font-variant-numeric:tabular-nums}
.tile dd small{display:block;font-size:.8rem;font-weight:400;color:var(--soft)}
.tile.side{border-top:4px solid var(--side)}
.warning{background:var(--warn);border-left:4px solid var(--warn-line);border-radius:4px;padding:.5rem .8rem;margin:.5rem 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding-bottom:.5rem}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
thead th{font-size:.85rem;color:var(--soft);font-weight:600;vertical-align:bottom}
tbody th{font-weight:500;overflow-wrap:anywhere;min-width:8rem}
.n{text-align:right;white-space:nowrap}
.s{min-width:15rem}
td.zero{color:var(--soft)}
td .meter{margin-top:.2rem}
.meter{display:block;height:5px;border-radius:3px;background:var(--track);overflow:hidden;min-width:4rem}
.meter i{display:block;height:100%;background:var(--fill,var(--train));min-width:2px}
.bars{display:grid;grid-template-columns:minmax(5rem,max-content) 1fr max-content;gap:.3rem .7rem;align-items:center;margin:.6rem 0}
.bars .meter{height:10px}
.bars .name{overflow-wrap:anywhere;max-width:16rem}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1rem}
.card{border:1px solid var(--line);border-radius:8px;padding:.9rem;display:flex;flex-direction:column;gap:.5rem;min-width:0}
.card .bars{grid-template-columns:minmax(3rem,8rem) 1fr max-content;font-size:.85rem;margin:0;gap:.2rem .5rem}
.card .bars .name{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.badge{display:inline-block;font-size:.75rem;line-height:1.4;padding:0 .45rem;border:1px solid var(--line);border-radius:99px;color:var(--soft);margin-right:.25rem}
.badge.target{border-color:var(--test);color:var(--test)}
.facts{display:grid;grid-template-columns:1fr auto;gap:0 .75rem;margin:auto 0 0;font-size:.85rem;font-variant-numeric:tabular-nums}
.facts dt{color:var(--soft)}
.facts dd{margin:0;text-align:right}
svg{display:block;max-width:100%;height:auto}
.card svg{width:100%}
.scroll>svg{max-width:none}
svg text{fill:var(--ink);font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
svg .soft{fill:var(--soft)}
svg .axis{stroke:var(--line)}
svg .mean{stroke:var(--ink);stroke-dasharray:3 2}
.train{--side:var(--train);fill:var(--train)}
.validation{--side:var(--validation);fill:var(--validation)}
.test{--side:var(--test);fill:var(--test)}
.quarantined{fill:var(--quarantined)}
.dropped{fill:var(--dropped)}
.duplicates{fill:var(--duplicates)}
.ink{fill:var(--ink)}
.plus{fill:var(--plus)}
.minus{fill:var(--minus)}
.none{fill:var(--track)}
.heat text{font-size:10.5px}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:1.5rem}
figure{margin:0}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1rem;font-size:.85rem;list-style:none;padding:0;margin:.25rem 0}
.legend i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.4em;background:var(--fill)}
details{margin-top:1rem}
summary{cursor:pointer;font-weight:500}
pre{overflow:auto;max-height:30rem;background:var(--track);border-radius:6px;padding:.8rem;font:.85rem/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
footer{padding-bottom:2.5rem;color:var(--soft);font-size:.9rem}
@media print{section,.card{break-inside:avoid}nav{display:none}}
`;
