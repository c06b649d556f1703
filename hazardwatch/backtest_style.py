"""How the page of a back-test looks; light, printable, no script."""

STYLE = """
body {
  font:14px/1.45 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;
  color:#1c2730;
  margin:2rem auto;
  max-width:60rem;
  padding:0 1rem;
}
h1 { font-size:1.5rem; margin-bottom:.2rem }
h2 { font-size:1.15rem; margin-top:2.2rem }
h3 { font-size:1rem; margin:1.6rem 0 .3rem }
.zh { color:#66757f; font-weight:400; font-size:.85em; margin-left:.4em }
table { border-collapse:collapse; width:100%; margin:.5rem 0 }
th,td { text-align:left; padding:.25rem .6rem .25rem 0; border-bottom:1px solid #dfe5e8; vertical-align:top }
th { color:#66757f; font-weight:600 }
td.n,th.n { text-align:right; font-variant-numeric:tabular-nums }
.lost { color:#b3261e }
.gained { color:#1b5e9b }
.note { background:#fff6df; padding:.5rem .8rem; border-left:4px solid #d9a300 }
.loosening { color:#b3261e }
.tightening { color:#1f7a3d }
svg { width:100%; height:auto; display:block }
.f { fill:#f7f9fa; stroke:#cfd8dc }
.g { stroke:#e3e9ec }
.v { fill:none; stroke:#37474f; stroke-width:1.2 }
.l { stroke-width:1.6 }
.l.b { stroke:#d98200; stroke-dasharray:6 4 }
.l.a { stroke:#1b5e9b }
.s.b { fill:#d98200 }
.s.a { fill:#1b5e9b }
.t { font-size:11px; fill:#66757f }
.e { text-anchor:end }
.key b { display:inline-block; width:1.6em; height:.5em; margin:0 .3em 0 1em }
"""
