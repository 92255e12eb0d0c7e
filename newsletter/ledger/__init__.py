"""What was promised to whom, and what became of it: one row a person, kept through any crash.

`states` has the values, `schema` the tables, `writer` the one thread that writes, `book` what
a sender does with it, `reading` what everybody else may see.
"""
