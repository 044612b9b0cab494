"""Answers that were not given on our forms: tables of other systems, by a column map, to the same store.

A package, since each system's peculiarities are a page: `tables` reads files,
`platforms` and `spss` say what is peculiar, `columns` finds each item's
columns, `take` reads and checks a row, `importing` files it.
"""
