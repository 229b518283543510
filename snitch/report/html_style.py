"""How the HTML report looks: light and dark, on a phone and on paper, without anything from elsewhere."""

from __future__ import annotations

#: The colours by scheme. Every text colour is told apart from every surface it stands on by 4.5 : 1 or more.
LIGHT = {
    "page": "#f6f7f9",
    "surface": "#ffffff",
    "sunken": "#f1f3f6",
    "line": "#d9dee5",
    "text": "#1c2127",
    "muted": "#545d69",
    "red": "#b3261e",
    "violet": "#6a3fb5",
    "amber": "#855300",
    "green": "#17693a",
    "blue": "#0b57a4",
}
DARK = {
    "page": "#0f1216",
    "surface": "#181c22",
    "sunken": "#20252d",
    "line": "#343b45",
    "text": "#e6e9ee",
    "muted": "#a3adba",
    "red": "#ff9a91",
    "violet": "#cbb2ff",
    "amber": "#edbd5c",
    "green": "#6fd69a",
    "blue": "#8ac0ff",
}


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())


_RULES = """
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);
  font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
main{max-width:58rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1,h2,h3{line-height:1.25;margin:0}
h1{font-size:1.5rem}
h2{font-size:1.15rem;margin:2.25rem 0 .75rem}
h3{font-size:1rem;font-weight:600}
h3 code{font-size:.9375em}
p{margin:.5rem 0}
ul{margin:.5rem 0;padding-left:1.25rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em}
code,.isolated{unicode-bidi:isolate}
.muted{color:var(--muted)}
.card{background:var(--surface);border:1px solid var(--line);border-radius:.625rem;padding:1rem;margin:.75rem 0}
.verdict{border-left:.375rem solid var(--tone);padding:1.25rem}
.verdict h1 span{color:var(--tone)}
.finding{border-left:.25rem solid var(--tone)}
.finding p{margin:.35rem 0}
.tag{color:var(--tone);font-weight:600;white-space:nowrap}
.red{--tone:var(--red)}.violet{--tone:var(--violet)}.amber{--tone:var(--amber)}
.green{--tone:var(--green)}.grey{--tone:var(--muted)}
.scroll{overflow-x:auto;margin:.75rem 0}
.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--blue);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9375rem}
th,td{padding:.4rem .625rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);
  overflow-wrap:normal}
thead th{color:var(--muted);font-weight:500;font-size:.8125rem;white-space:nowrap}
tbody th{font-weight:400;min-width:12.5rem;overflow-wrap:anywhere}
tbody tr:last-child>*{border-bottom:0}
.number{text-align:right;white-space:nowrap}
.name{overflow-wrap:anywhere;min-width:6rem}
pre{background:var(--sunken);border-radius:.375rem;padding:.625rem .75rem;margin:.25rem 0 .5rem;overflow-x:auto}
pre .number{color:var(--muted);user-select:none;padding-right:1rem}
mark{background:none;color:inherit;text-decoration:underline 2px var(--tone,var(--blue));text-underline-offset:.25em;
  font-weight:700}
figure{margin:0}
figcaption{font-size:.875rem;margin-bottom:.25rem}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:1.25rem 1.5rem;
  margin-top:1rem}
svg{display:block;width:100%;max-width:27rem;height:auto;overflow:visible}
svg text{font-size:11px;fill:var(--muted);font-family:inherit;font-variant-numeric:tabular-nums}
svg .deployed-text{fill:var(--blue)}
svg .candidate-text{fill:var(--tone);font-weight:600}
svg .axis{stroke:var(--line);stroke-width:1}
svg .allowed{fill:var(--sunken)}
svg .bound{stroke:var(--text);stroke-width:1.5;stroke-dasharray:4 3}
svg .interval{stroke:var(--tone);stroke-width:5;opacity:.35;stroke-linecap:round}
svg .course{fill:none;stroke:var(--blue);stroke-width:2;stroke-linejoin:round}
svg .next{stroke:var(--tone);stroke-width:2;stroke-dasharray:2 3}
svg .deployed{fill:var(--surface);stroke:var(--blue);stroke-width:2}
svg .candidate{fill:var(--tone)}
details{margin:.75rem 0}
.card>details:only-child{margin:0}
summary{cursor:pointer;padding:.25rem 0;color:var(--blue)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:.5rem 0;font-size:.875rem}
dt{color:var(--muted)}
dd{margin:0}
footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:1rem}
@media(max-width:30rem){main{padding:1rem .75rem 2rem}.card{padding:.875rem}dl{grid-template-columns:1fr}
  dd{margin-bottom:.5rem}}
@media print{body{background:none}.card{break-inside:avoid}}
"""

#: The style sheet.
STYLE = (
    f":root{{color-scheme:light dark;{_variables(LIGHT)}}}\n"
    f"@media(prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}{_RULES}"
)
