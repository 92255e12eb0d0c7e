"""What was promised to whom, and what became of it: one row a person, kept through any crash.

`states` has the values and `schema` the tables. `book` is what a sender does with it: `planning`
and `steps` in transactions of their own, the `statements` of every message in groups, all by the
one thread of `writer`. `reading`, `resolving` and `traffic` are what everybody else may see.

`stores` knows where a ledger is: in a file (`sqlite`) or on a server (`postgresql`). `keeping`
checks it and backs it up; `copies` tells a copy from the original, by the row in it and the
`stamp` beside it.
"""
