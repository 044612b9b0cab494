"""Published data of qualitative comparative analysis.

Lipset's conditions of the survival of democracy between the wars, 18 countries, after Rihoux & Ragin
(2009), chapters 3 and 5 (crisp and fuzzy); Krook's 22 countries (2010) by the rows of their truth table.
"""

import pandas as pd

NAMES = ["DEV", "URB", "LIT", "IND", "STB", "SURV"]
FUZZY = """\
AU .81 .12 .99 .73 .43 .05
BE .99 .89 .98 1.0 .98 .95
CZ .58 .98 .98 .90 .91 .89
EE .16 .07 .98 .01 .91 .12
FI .58 .03 .99 .08 .58 .77
FR .98 .03 .99 .81 .95 .95
DE .89 .79 .99 .96 .31 .05
GR .04 .09 .13 .36 .43 .06
HU .07 .16 .88 .07 .13 .42
IE .72 .05 .98 .01 .95 .92
IT .34 .10 .41 .47 .58 .05
NL .98 1.0 .99 .94 .99 .95
PL .02 .17 .59 .00 .00 .12
PT .01 .02 .01 .11 .01 .05
RO .01 .03 .17 .00 .84 .21
ES .03 .30 .09 .21 .20 .06
SE .95 .13 .99 .67 .91 .95
UK .98 .99 .99 1.0 .98 .95
"""
LF = pd.DataFrame(
    [[float(one) for one in line.split()[1:]] for line in FUZZY.splitlines()],
    index=[line.split()[0] for line in FUZZY.splitlines()],
    columns=NAMES,
)
# The crisp version: the same countries on the same side of one half.
LC = (LF > 0.5).astype(int)

KROOK_ROWS = """\
00010 0 2
00011 1 1
01000 0 1
01010 0 4
01011 1 1
10001 0 1
10100 1 1
10111 1 1
11000 0 3
11001 1 1
11010 1 1
11011 1 2
11100 1 1
11111 1 2
"""
KROOK = pd.DataFrame(
    [
        [int(one) for one in states + out]
        for states, out, n in (line.split() for line in KROOK_ROWS.splitlines())
        for _ in range(int(n))
    ],
    columns=["ES", "QU", "WS", "WM", "LP", "WNP"],
)
